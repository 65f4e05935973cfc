/** Which exhibits are selected; ranges may reach over rows that were never looked at. */
import { type Dispatch, type SetStateAction, useCallback, useMemo } from 'react';
import { sayError } from '../../ui/toasts.tsx';
import type { Selection } from '../../ui/VirtualTable.tsx';

/** What is selected, and how to change it, held above the table so that it outlives it. */
export interface SelectionState {
  readonly selected: ReadonlySet<string>;
  readonly onSelect: Dispatch<SetStateAction<ReadonlySet<string>>>;
}

/** @param keysOf keys of the rows from one index to another, fetched where needed */
export function useSelection(
  { selected, onSelect: setSelected }: SelectionState,
  count: number,
  keysOf: (from: number, to: number) => Promise<readonly string[]>,
): Selection {
  const range = useCallback(
    (from: number, to: number) => {
      keysOf(from, to).then((keys) => setSelected(new Set(keys)), sayError);
    },
    [keysOf, setSelected],
  );
  return useMemo(
    () => ({
      selected,
      toggle: (key) =>
        setSelected((before) => {
          const after = new Set(before);
          if (!after.delete(key)) after.add(key);
          return after;
        }),
      range,
      all: () => range(0, count - 1),
      clear: () => setSelected(new Set()),
    }),
    [selected, setSelected, range, count],
  );
}
