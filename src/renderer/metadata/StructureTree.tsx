/**
 * The parts of a file with their places, drawn only where they are in view. Arrow keys move, right and left open and
 * shut a branch, Home and End go to the first and last.
 */
import { Button, Group, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Structure } from '../../contract/result.ts';
import { Facts } from '../ui/Facts.tsx';
import { useFormat } from '../ui/format.ts';
import { treeRows } from './tree.ts';

const ROW = 24;

export function StructureTree({ structure }: { readonly structure: Structure }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const base = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState('0');
  const rows = useMemo(() => treeRows(structure.tree, closed), [structure, closed]);
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === active),
  );
  const current = rows[at];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
  });
  const items = virtual.getVirtualItems();
  const go = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row === undefined) return;
    setActive(row.path);
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const set = (path: string, shut: boolean): void => {
    const next = new Set(closed);
    if (shut) next.add(path);
    else next.delete(path);
    setClosed(next);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (current === undefined) return;
    const branch = current.node.children.length > 0;
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(rows.length - 1);
    else if (event.key === 'ArrowRight') branch && !current.open ? set(current.path, false) : go(at + 1);
    else if (event.key === 'ArrowLeft') {
      if (branch && current.open) set(current.path, true);
      else go(rows.findIndex(({ path }) => path === current.path.slice(0, current.path.lastIndexOf('.'))));
    } else if (event.key === 'Enter' && branch) set(current.path, current.open);
    else return;
    event.preventDefault();
  };
  const shutAll = (): void =>
    setClosed(
      new Set(
        treeRows(structure.tree, new Set())
          .filter(({ node, depth }) => depth > 0 && node.children.length > 0)
          .map(({ path }) => path),
      ),
    );
  return (
    <div className="structure" data-split>
      <div className="structure-side">
        <Group gap="xs" className="structure-head">
          <Button variant="default" size="compact-xs" onClick={() => setClosed(new Set())}>
            {t('expandAll')}
          </Button>
          <Button variant="default" size="compact-xs" onClick={shutAll}>
            {t('collapseAll')}
          </Button>
          <Text size="xs" c="dimmed" ml="auto">
            {t('offset')} · {t('bytes')}
          </Text>
        </Group>
        <div
          ref={scroller}
          className="tree"
          role="tree"
          aria-label={structure.title}
          aria-activedescendant={items.some(({ index }) => index === at) ? `${base}-${at}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <div className="tree-space" role="presentation" style={{ height: virtual.getTotalSize() }}>
            {items.map(({ index, start }) => {
              const row = rows[index];
              if (row === undefined) return null;
              const { path, depth, node, open } = row;
              const branch = node.children.length > 0;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys for all its rows
                // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active row
                <div
                  key={path}
                  id={`${base}-${index}`}
                  role="treeitem"
                  className="tree-row"
                  aria-level={depth + 1}
                  aria-selected={path === active}
                  {...(branch ? { 'aria-expanded': open } : {})}
                  style={{ transform: `translateY(${start}px)`, paddingLeft: 8 + depth * 16 }}
                  onClick={() => {
                    setActive(path);
                    if (branch && path === active) set(path, open);
                  }}
                >
                  <span className="tree-mark" aria-hidden>
                    {branch ? (open ? '▾' : '▸') : ''}
                  </span>
                  <span className="tree-name">{node.name}</span>
                  <span className="tree-place mono">
                    {node.offset === null ? '' : number(node.offset)}
                    {node.size === null ? '' : ` · ${number(node.size)}`}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {current && (
        <section className="structure-fields" aria-label={t('nodeFields', { name: current.node.name })}>
          <Text size="sm" fw={600}>
            {current.node.name}
          </Text>
          {current.node.fields.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('nodeNone')}
            </Text>
          ) : (
            <Facts
              facts={current.node.fields.map(({ name, value }) => [
                name,
                <span key={name} className="mono">
                  {value}
                </span>,
              ])}
            />
          )}
        </section>
      )}
    </div>
  );
}
