/**
 * The clock of an examination while it plays. The window's own player gives sound and motion where it knows the coding;
 * where it does not, the clock runs on and the frames of the engine are shown as fast as they come.
 */
import { useEffect } from 'react';
import { goTo, play, show, useExamination } from './store.ts';

export interface PlayerProps {
  readonly source: string;
  readonly onElement: (element: HTMLVideoElement | null) => void;
}

export function Player({ source, onElement }: PlayerProps) {
  return (
    // biome-ignore lint/a11y/useMediaCaption: evidence has no captions; its picture is drawn elsewhere
    <video
      ref={onElement}
      src={source}
      crossOrigin="anonymous"
      preload="auto"
      hidden
      onError={() => show({ silent: true })}
    />
  );
}

/** Lets the cursor follow the player, or the clock where the player cannot. */
export function usePlaying(element: HTMLVideoElement | null): void {
  const playing = useExamination((s) => s.playing);
  const silent = useExamination((s) => s.silent);
  useEffect(() => {
    if (!playing) return;
    const { cursor, whole, selection, loop } = useExamination.getState();
    const inside = selection === null || (cursor >= selection.from && cursor < selection.to);
    const atEnd = cursor >= whole.to - 0.02;
    const start = selection && loop && !inside ? selection.from : atEnd ? whole.from : cursor;
    goTo(start);
    const player = silent ? null : element;
    let request = 0;
    let began = performance.now() - start * 1000;
    const seek = (seconds: number): void => {
      began = performance.now() - seconds * 1000;
      if (player) player.currentTime = seconds;
      goTo(seconds);
    };
    const step = (): void => {
      request = requestAnimationFrame(step);
      const now = useExamination.getState();
      const time = player ? player.currentTime : (performance.now() - began) / 1000;
      if (now.selection && now.loop && time >= now.selection.to) seek(now.selection.from);
      else if (time >= now.whole.to || player?.ended) {
        goTo(now.whole.to);
        play(false);
      } else if (player === null || !player.seeking) goTo(time);
    };
    if (player) {
      player.currentTime = start;
      player.play().catch((thrown: unknown) => {
        // A pause that comes before the first sound is no failure.
        if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) show({ silent: true });
      });
    }
    request = requestAnimationFrame(step);
    return () => {
      cancelAnimationFrame(request);
      player?.pause();
    };
  }, [playing, element, silent]);
}
