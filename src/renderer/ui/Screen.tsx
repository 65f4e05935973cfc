/** The frame of one screen: its heading, its actions, its content. */
import { Group, Text, Title } from '@mantine/core';
import { useEffect } from 'react';

export interface ScreenProps {
  readonly title: string;
  readonly subtitle?: React.ReactNode;
  readonly actions?: React.ReactNode;
  /** Content fills the window and scrolls by itself (tables). */
  readonly fill?: boolean;
  readonly children: React.ReactNode;
}

export function Screen({ title, subtitle, actions, fill, children }: ScreenProps) {
  useEffect(() => {
    document.title = `${title} – Vidimus`;
  }, [title]);
  return (
    <div className="screen" data-fill={fill || undefined}>
      <Group justify="space-between" align="center" gap="sm" className="screen-head">
        <Group gap="sm" align="baseline" miw={0}>
          <Title order={1}>{title}</Title>
          {subtitle && (
            <Text size="sm" c="dimmed" component="div">
              {subtitle}
            </Text>
          )}
        </Group>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      <div className="screen-body">{children}</div>
    </div>
  );
}
