/** Which exhibits are selected; ranges may reach over rows that were never looked at. */
import { useCallback, useMemo, useState } from 'react';
import { sayError } from '../../ui/toasts.tsx';
import type { Selection } from '../../ui/VirtualTable.tsx';

/** @param keysOf keys of the rows from one index to another, fetched where needed */
export function useSelection(
  count: number,
  keysOf: (from: number, to: number) => Promise<readonly string[]>,
): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const range = useCallback(
    (from: number, to: number) => {
      keysOf(from, to).then((keys) => setSelected(new Set(keys)), sayError);
    },
    [keysOf],
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
    [selected, range, count],
  );
}
