/** Files dropped on an element, as paths the application can read. */
import { type DragEvent, useState } from 'react';
import { pathsOf } from '../client.ts';
import { sayError } from '../ui/toasts.tsx';

/** Spread the answer on the element; `data-dropping` is set while files hover over it. */
export function useDroppedPaths(onPaths: (paths: readonly string[]) => void) {
  const [over, setOver] = useState(false);
  return {
    'data-dropping': over || undefined,
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      pathsOf([...event.dataTransfer.files]).then(onPaths, sayError);
    },
  };
}
