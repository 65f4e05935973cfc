/** Names of JPEG markers (ITU-T T.81, table B.1) and of the application segments in common use. */

const NAMES: Readonly<Record<number, string>> = {
  1: 'TEM',
  196: 'DHT',
  200: 'JPG',
  204: 'DAC',
  216: 'SOI',
  217: 'EOI',
  218: 'SOS',
  219: 'DQT',
  220: 'DNL',
  221: 'DRI',
  222: 'DHP',
  223: 'EXP',
  254: 'COM',
};

/** Name of a marker as T.81 gives it, e.g. `SOF0`, `APP1`, `DQT`. */
export function markerName(marker: number): string {
  const name = NAMES[marker];
  if (name !== undefined) return name;
  if (marker >= 0xc0 && marker <= 0xcf) return `SOF${marker - 0xc0}`;
  if (marker >= 0xd0 && marker <= 0xd7) return `RST${marker - 0xd0}`;
  if (marker >= 0xe0 && marker <= 0xef) return `APP${marker - 0xe0}`;
  return `0xFF${marker.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Identifiers of application segments, by the bytes they begin with. */
const IDENTIFIERS: readonly (readonly [prefix: string, name: string])[] = [
  ['JFIF\0', 'JFIF'],
  ['JFXX\0', 'JFXX'],
  ['Exif\0', 'Exif'],
  ['http://ns.adobe.com/xap/1.0/\0', 'XMP'],
  ['http://ns.adobe.com/xmp/extension/\0', 'XMP extension'],
  ['ICC_PROFILE\0', 'ICC'],
  ['MPF\0', 'MPF'],
  ['Photoshop 3.0\0', 'Photoshop'],
  ['Adobe', 'Adobe'],
  ['Ducky', 'Ducky'],
  ['JP', 'JUMBF'],
  ['FLIR\0', 'FLIR'],
  ['urn:iso:std:iso:ts:21496:-1', 'gain map'],
];

/** Name of a segment; application segments carry their identifier, e.g. `APP1 Exif`. */
export function segmentName(marker: number, body: Buffer): string {
  const name = markerName(marker);
  if (marker < 0xe0 || marker > 0xef) return name;
  const head = body.toString('latin1', 0, 40);
  const known = IDENTIFIERS.find(([prefix]) => head.startsWith(prefix));
  return known === undefined ? name : `${name} ${known[1]}`;
}
