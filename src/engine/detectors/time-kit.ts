/** What the detectors of time share. */

/** Means of irregular samples over whole seconds, so that a series of a long video stays short. */
export function perSecond(times: readonly number[], values: readonly number[]): { x: number[]; y: number[] } {
  const x: number[] = [];
  const y: number[] = [];
  let sum = 0;
  let count = 0;
  let second = Number.NEGATIVE_INFINITY;
  const end = (): void => {
    if (count === 0) return;
    x.push(second);
    y.push(sum / count);
  };
  for (let i = 0; i < times.length; i++) {
    const s = Math.floor(times[i]);
    // Timestamps that run backwards stay in the second that is open: x must rise.
    if (s > second) {
      end();
      second = s;
      sum = 0;
      count = 0;
    }
    sum += values[i];
    count++;
  }
  end();
  return { x, y };
}
