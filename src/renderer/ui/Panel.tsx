/** A framed part of a screen with a heading and its actions. */
import { Group, Title } from '@mantine/core';
import { useId } from 'react';
import './data.css';

export interface PanelProps {
  readonly title: string;
  readonly actions?: React.ReactNode;
  /** Content reaches the frame (tables). */
  readonly flush?: boolean;
  readonly children: React.ReactNode;
}

export function Panel({ title, actions, flush, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <Title order={2} size="h3" id={id}>
          {title}
        </Title>
        {actions && <Group gap={6}>{actions}</Group>}
      </div>
      <div className="panel-body" data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}
