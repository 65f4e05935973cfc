/** A place that holds nothing yet: says what would be here and how it gets there. */
import { Text } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import './notice.css';

export interface EmptyProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  readonly children?: React.ReactNode;
  readonly action?: React.ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      {Icon && <Icon size={26} strokeWidth={1.4} aria-hidden />}
      <Text fw={600} size="sm" c="var(--mantine-color-text)">
        {title}
      </Text>
      {children && <Text size="sm">{children}</Text>}
      {action}
    </div>
  );
}
