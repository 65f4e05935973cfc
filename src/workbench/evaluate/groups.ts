/** Groups of files for subgroup figures: classes of compression and size, the same for every evaluation. */
import { factsOf } from '../../contract/envelope.ts';
import type { AnalysisResult } from '../../contract/result.ts';

const classOf = (value: number | undefined, edges: readonly number[], names: readonly string[]): string | null =>
  value === undefined ? null : (names[edges.filter((edge) => value >= edge).length] ?? null);

/** Compression and size of a file in words; null where the container does not tell. */
export function groupsOf(result: AnalysisResult): { readonly quality: string | null; readonly size: string | null } {
  const { evidence, mediaType } = result;
  if (mediaType === 'audio') {
    const { quantities } = factsOf(evidence, 'acoustic-signal');
    return {
      quality: classOf(
        quantities.bitRate,
        [64_000, 192_000],
        ['below 64 kbit/s', '64 to 192 kbit/s', 'from 192 kbit/s'],
      ),
      size: classOf(quantities.seconds, [4, 30], ['below 4 s', '4 to 30 s', 'from 30 s']),
    };
  }
  const { quantities } = factsOf(evidence, 'spatial-neural');
  const edges = mediaType === 'image' ? [1, 3] : [0.05, 0.15];
  const names = [`below ${edges[0]} bit/px`, `${edges[0]} to ${edges[1]} bit/px`, `from ${edges[1]} bit/px`];
  return {
    quality: classOf(quantities.bitsPerPixel, edges, names),
    size: classOf(quantities.shortSide, [480, 1080], ['below 480 px', '480 to 1079 px', 'from 1080 px']),
  };
}
