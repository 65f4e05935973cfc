/** Video clips made for a test, long enough to be interrupted. */
import { execFileSync } from 'node:child_process';

/** Writes a moving test pattern with a tone; `seconds` at 25 frames per second. */
export function makeClip(path: string, seconds: number, size = '640x360'): string {
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path];
  execFileSync('ffmpeg', [...args, ...sound, ...codec]);
  return path;
}
