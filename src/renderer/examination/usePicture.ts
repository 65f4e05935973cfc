/** A picture of the evidence as the engine decoded it. The last one stays in view until the next is there. */
import { useEffect, useState } from 'react';

export interface Loaded {
  readonly address: string;
  readonly image: HTMLImageElement;
}

export interface PictureAnswer {
  readonly loaded: Loaded | null;
  /** The address that could not be loaded; null while all is well. */
  readonly failed: string | null;
}

const load = async (address: string): Promise<HTMLImageElement> => {
  const image = new Image();
  // Without this the desktop's scheme counts as foreign, and pixels may not be read.
  image.crossOrigin = 'anonymous';
  image.src = address;
  await image.decode();
  return image;
};

/** @param ahead addresses to have ready, fetched once the wanted picture is there */
export function usePicture(address: string | null, ahead: readonly string[] = []): PictureAnswer {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [next] = ahead;
  useEffect(() => {
    if (address === null) return;
    let wanted = true;
    setFailed(null);
    load(address).then(
      (image) => {
        if (!wanted) return;
        setLoaded({ address, image });
        if (next !== undefined) void load(next).catch(() => undefined);
      },
      () => wanted && setFailed(address),
    );
    return () => {
      wanted = false;
    };
  }, [address, next]);
  return { loaded: address === null ? null : loaded, failed };
}
