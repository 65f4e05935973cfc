// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot draw only the rows in view
/**
 * A table that draws only the rows in view, for lists that are too long to hold. Works by keyboard: arrows, Page Up and
 * Down, Home, End move; Space selects; Shift extends; Enter opens. Rows not yet there are grey until they come.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import './table.css';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  /** Width as a CSS grid track: `120px`, `minmax(10rem, 2fr)`. */
  readonly width: string;
  readonly align?: 'end';
  readonly cell: (row: T, index: number) => React.ReactNode;
}

/** Which rows are selected, by key. `range` may have to fetch keys of rows that are not there yet. */
export interface Selection {
  readonly selected: ReadonlySet<string>;
  toggle(key: string): void;
  /** Selects rows from one index to another, both included. */
  range(from: number, to: number): void;
  all(): void;
  clear(): void;
}

export interface VirtualTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly count: number;
  readonly rowAt: (index: number) => T | undefined;
  readonly keyOf: (row: T) => string;
  readonly rowHeight?: number;
  /** Hears which rows are in view, so that their pages are fetched. */
  readonly onView?: (first: number, last: number) => void;
  readonly onOpen?: (row: T) => void;
  readonly onActive?: (row: T) => void;
  readonly selection?: Selection;
  /** Brings this row into view when it changes. */
  readonly reveal?: number | null;
  readonly empty?: React.ReactNode;
}

const CHECK_COLUMN = '34px';

export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { label, columns, count, rowAt, keyOf, rowHeight = 34, onView, onOpen, onActive, selection, reveal } = props;
  const { t } = useTranslation('case');
  const scroller = useRef<HTMLDivElement>(null);
  const base = useId();
  // Made once for each table: memo() of a generic component has to be told its type.
  const [Row] = useState(() => memo(PlainRow<T>));
  const [active, setActive] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (count > 0) onView?.(first, last);
  }, [first, last, count, onView]);
  useEffect(() => {
    if (reveal === null || reveal === undefined) return;
    virtual.scrollToIndex(reveal, { align: 'center' });
    setActive(reveal);
  }, [reveal, virtual]);

  const template = [...(selection ? [CHECK_COLUMN] : []), ...columns.map(({ width }) => width)].join(' ');
  const moveTo = (index: number, extend: boolean): void => {
    const to = Math.max(0, Math.min(count - 1, index));
    setActive(to);
    virtual.scrollToIndex(to);
    const row = rowAt(to);
    if (row !== undefined) onActive?.(row);
    if (extend && selection) selection.range(Math.min(anchor, to), Math.max(anchor, to));
    else setAnchor(to);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 10 * rowHeight) / rowHeight) - 2);
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const step = steps[event.key];
    const row = rowAt(active);
    if (step !== undefined) moveTo(active + step, event.shiftKey);
    else if (event.key === 'Home') moveTo(0, event.shiftKey);
    else if (event.key === 'End') moveTo(count - 1, event.shiftKey);
    else if (event.key === 'Enter' && row !== undefined) onOpen?.(row);
    else if (event.key === ' ' && row !== undefined && selection) selection.toggle(keyOf(row));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && selection) selection.all();
    else if (event.key === 'Escape' && selection && selection.selected.size > 0) selection.clear();
    else return;
    event.preventDefault();
  };
  const onRow = (what: RowEvent, index: number, event: React.MouseEvent): void => {
    const row = rowAt(index);
    if (row === undefined) return;
    if (what === 'open') onOpen?.(row);
    else if (what === 'toggle') selection?.toggle(keyOf(row));
    else {
      setActive(index);
      onActive?.(row);
      if (event.shiftKey && selection) selection.range(Math.min(anchor, index), Math.max(anchor, index));
      else {
        setAnchor(index);
        if ((event.ctrlKey || event.metaKey) && selection) selection.toggle(keyOf(row));
      }
      scroller.current?.focus({ preventScroll: true });
    }
  };
  // Rows keep one and the same way to speak, so that scrolling draws only those that come into view.
  const latest = useRef(onRow);
  useEffect(() => {
    latest.current = onRow;
  });
  const hear = useCallback<RowProps<T>['hear']>((what, index, event) => latest.current(what, index, event), []);

  if (count === 0) return props.empty ?? null;
  return (
    <div
      ref={scroller}
      className="vtable"
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-multiselectable={selection !== undefined}
      aria-activedescendant={items.some((i) => i.index === active) ? `${base}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className="vtable-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }} tabIndex={-1}>
        {selection && (
          <div role="columnheader" tabIndex={-1}>
            <input
              type="checkbox"
              className="vtable-check"
              aria-label={t('selectAll')}
              checked={selection.selected.size > 0 && selection.selected.size >= count}
              ref={(box) => {
                if (box) box.indeterminate = selection.selected.size > 0 && selection.selected.size < count;
              }}
              onChange={() => (selection.selected.size > 0 ? selection.clear() : selection.all())}
              tabIndex={-1}
            />
          </div>
        )}
        {columns.map(({ id, header, align }) => (
          <div key={id} role="columnheader" data-align={align} tabIndex={-1}>
            {header}
          </div>
        ))}
      </div>
      <div className="vtable-space" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          const key = row === undefined ? null : keyOf(row);
          return (
            <Row
              key={index}
              id={`${base}-${index}`}
              index={index}
              start={start}
              height={rowHeight}
              template={template}
              columns={columns}
              row={row}
              selectable={selection !== undefined}
              selected={key !== null && (selection?.selected.has(key) ?? false)}
              active={index === active}
              hear={hear}
            />
          );
        })}
      </div>
    </div>
  );
}

type RowEvent = 'press' | 'toggle' | 'open';

interface RowProps<T> {
  readonly id: string;
  readonly index: number;
  /** Distance from the first row in px. */
  readonly start: number;
  readonly height: number;
  readonly template: string;
  readonly columns: readonly Column<T>[];
  readonly row: T | undefined;
  readonly selectable: boolean;
  readonly selected: boolean;
  readonly active: boolean;
  readonly hear: (what: RowEvent, index: number, event: React.MouseEvent) => void;
}

function PlainRow<T>(props: RowProps<T>) {
  const { id, index, start, height, template, columns, row, selectable, selected, active, hear } = props;
  const { t } = useTranslation('case');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys for all rows
    <div
      id={id}
      role="row"
      tabIndex={-1}
      className="vtable-row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : active}
      data-active={active || undefined}
      data-selected={selected || undefined}
      style={{ gridTemplateColumns: template, height, transform: `translateY(${start}px)` }}
      onClick={(event) => hear('press', index, event)}
      onDoubleClick={(event) => hear('open', index, event)}
    >
      {row === undefined ? (
        <div role="gridcell" tabIndex={-1} className="vtable-wait" aria-busy />
      ) : (
        <>
          {selectable && (
            <div role="gridcell" tabIndex={-1}>
              <input
                type="checkbox"
                className="vtable-check"
                aria-label={t('selectRow', { row: index + 1 })}
                checked={selected}
                onChange={() => undefined}
                onClick={(event) => {
                  event.stopPropagation();
                  hear('toggle', index, event);
                }}
                tabIndex={-1}
              />
            </div>
          )}
          {columns.map(({ id: column, align, cell }) => (
            <div key={column} role="gridcell" tabIndex={-1} data-align={align}>
              {cell(row, index)}
            </div>
          ))}
        </>
      )}
    </div>
  );
}
