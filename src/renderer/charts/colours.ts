/**
 * Colour maps of the workstation: a few anchors of ours in the OKLab colour space (Ottosson 2020), joined by straight
 * lines there, so that lightness rises evenly and a map read in grey tells the same story.
 */

type Anchor = readonly [share: number, lightness: number, a: number, b: number];

const ANCHORS = {
  /** Black to white. */
  grey: [
    [0, 0.08, 0, 0],
    [1, 1, 0, 0],
  ],
  /** Night blue, plum, ember, straw. */
  ember: [
    [0, 0.1, -0.004, -0.03],
    [0.28, 0.34, 0.075, -0.1],
    [0.55, 0.57, 0.15, 0.03],
    [0.78, 0.77, 0.07, 0.13],
    [1, 0.97, -0.015, 0.07],
  ],
  /** Ink, sea, pale green. */
  sea: [
    [0, 0.1, 0.01, -0.035],
    [0.35, 0.39, -0.03, -0.1],
    [0.65, 0.65, -0.095, -0.03],
    [1, 0.97, -0.05, 0.06],
  ],
} as const satisfies Record<string, readonly Anchor[]>;

export type ColourMap = keyof typeof ANCHORS;
export const COLOUR_MAPS = ['ember', 'sea', 'grey'] as const satisfies readonly ColourMap[];

const encode = (linear: number): number => {
  const v = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
};

/** OKLab to sRGB, 0..255 each; colours outside sRGB are clipped. */
export function fromOklab(lightness: number, a: number, b: number): readonly [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const made = new Map<ColourMap, Uint8ClampedArray>();

/** The table of a map: 256 colours, red, green, blue each. */
export function colourTable(name: ColourMap): Uint8ClampedArray {
  const known = made.get(name);
  if (known) return known;
  const anchors: readonly Anchor[] = ANCHORS[name];
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const share = i / 255;
    const next = Math.max(
      1,
      anchors.findIndex(([at]) => at >= share),
    );
    const [p, q] = [anchors[next - 1], anchors[next]];
    if (p === undefined || q === undefined) continue;
    const t = (share - p[0]) / (q[0] - p[0]);
    table.set(fromOklab(p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2]), p[3] + t * (q[3] - p[3])), i * 3);
  }
  made.set(name, table);
  return table;
}
