/** Hard cuts between scenes, found as frames arrive. See docs/methods/frame-timing.md. */
import type { RgbImage } from '../../types.ts';
import { median } from '../sound/stats.ts';
import { correlation, GreySampler, meanDifference } from './grey.ts';

/** A cut changes the picture by this many grey levels, this many times the recent change, and its structure. */
const CUT_DIFFERENCE = 8;
const CUT_RATIO = 3;
const CUT_CORRELATION = 0.6;
const HISTORY = 12;
const LONGEST = 64;

/**
 * Says of each frame, in order, whether it follows a hard cut. A flash changes brightness but not structure, and a
 * fast pan changes both but no more than the frames before it did. Fades and dissolves are not found.
 */
export class SceneCutDetector {
  private sampler: GreySampler | null = null;
  private previous = new Uint8Array(0);
  private readonly history: number[] = [];

  /** True when `frame` does not continue the one before. The first frame, and a change of size, never is a cut. */
  next(frame: RgbImage): boolean {
    if (this.sampler === null || !this.sampler.fits(frame)) {
      this.sampler = new GreySampler(frame, LONGEST);
      this.sampler.sample(frame);
      this.previous = this.sampler.grey.slice();
      this.history.length = 0;
      return false;
    }
    this.sampler.sample(frame);
    const { grey } = this.sampler;
    const difference = meanDifference(grey, this.previous);
    const usual = this.history.length === 0 ? 0 : median(this.history);
    const cut =
      difference >= CUT_DIFFERENCE &&
      difference >= CUT_RATIO * usual &&
      correlation(grey, this.previous) < CUT_CORRELATION;
    // The change across a cut says nothing of the motion in the new scene.
    if (cut) this.history.length = 0;
    else {
      this.history.push(difference);
      if (this.history.length > HISTORY) this.history.shift();
    }
    this.previous.set(grey);
    return cut;
  }
}
