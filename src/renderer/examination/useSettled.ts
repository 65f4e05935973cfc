/** A value that follows another once it has rested, so that a pan does not ask for every place it passes. */
import { useEffect, useState } from 'react';

export function useSettled<T>(value: T, milliseconds = 160): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
