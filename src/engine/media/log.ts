/** ffmpeg's log: its lines taken apart, and what it says of damage in the examiner's words. */

/** One line of the log: who said it (filter, decoder or demuxer; null for ffmpeg itself), how loud, and what. */
export interface LogLine {
  readonly context: string | null;
  readonly level: string;
  readonly text: string;
}

const LINE =
  /^((?:\[[^\]]{1,200} @ (?:0x)?[0-9a-fA-F]+\] )*)\[(quiet|panic|fatal|error|warning|info|verbose|debug|trace)\] (.*)$/;

/** Takes a line apart; null where it is the continuation of another. Needs `-loglevel level+…`. */
export function parseLogLine(line: string): LogLine | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const contexts = match[1] ?? '';
  const last = /\[([^\]]{1,200}) @ (?:0x)?[0-9a-fA-F]+\] $/.exec(contexts);
  return { context: last?.[1] ?? null, level: match[2] ?? '', text: match[3] ?? '' };
}

/** What ffmpeg says of healthy files, or of how it was called, and nothing about the evidence. */
const HARMLESS =
  /^At least one output file|Guessed Channel Layout|deprecated pixel format|Estimating duration from bitrate|No accelerated colorspace|not monotonically increasing|non monotonous|Non-monotonous|Timestamps are unset|Consider increasing the value for|^Error (opening|submitting|while) .*filter|skip_frame|Using AVStream\.codec|Output file is empty|max_analyze_duration|timescale not set|Cannot check for SPDIF|unknown.*vendor|Auto-inserting|video:\d+kB|cannot be decoded because of|Unsupported codec with id|Broken pipe|Conversion failed|Immediate exit|Exiting normally|Stream map .* matches no streams|To ignore this|first frame is no keyframe/i;

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/conceal/i, 'Damaged areas of the picture were filled in by the decoder (error concealment)'],
  [
    /truncat|partial file|premature|end of file|bytes missing|incomplete|overread|end mismatch|Invalid return value 0 for stream/i,
    'The file ends early or data is missing',
  ],
  [/moov atom not found/i, 'The index of the file (moov) is missing, as after a recording that was cut off'],
  [
    /corrupt|error while decoding|invalid|damaged|illegal|reference|missing|error|failed|broken|out of range/i,
    'Damaged data',
  ],
];

interface Kind {
  readonly sentence: string;
  readonly example: string;
  count: number;
}

/** Gathers what ffmpeg complains of; a flood of messages stays bounded. */
export class DamageLog {
  readonly #kinds = new Map<string, Kind>();
  readonly #path: string;
  #last = '';

  /** `path` of the input: where the file lies is no business of a result. */
  constructor(path: string) {
    this.#path = `file:${path}`;
  }

  /** Takes one line of the log; only warnings and errors are kept. */
  add(line: LogLine): void {
    if (line.level !== 'warning' && line.level !== 'error' && line.level !== 'fatal') return;
    const text = line.text.replaceAll(this.#path, 'the file').trim();
    if (text === '') return;
    if (line.level !== 'warning') this.#last = text;
    if (HARMLESS.test(text)) return;
    const sentence =
      KINDS.find(([pattern]) => pattern.test(text))?.[1] ??
      (line.level === 'warning' ? 'The decoder remarked' : 'The decoder failed on part of the data');
    const kind = this.#kinds.get(sentence);
    if (kind === undefined) this.#kinds.set(sentence, { sentence, example: printable(text), count: 1 });
    else kind.count++;
  }

  /** The last error, for the detail of an error that ends the work. */
  get lastError(): string {
    return this.#last;
  }

  /** One sentence per kind of damage with the number of messages and ffmpeg's own words for the first. */
  sentences(): string[] {
    return [...this.#kinds.values()].map(({ sentence, example, count }) =>
      count === 1 ? `${sentence}: “${example}”.` : `${sentence}: “${example}” and ${count - 1} more like it.`,
    );
  }
}

/** Text of a hostile file must not draw on a terminal or a report: control characters out, bounded length. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim();
  return clean.length > 160 ? `${clean.slice(0, 159)}…` : clean;
}

/** Warnings of a later step replace the same kind of warning of an earlier one, which saw less of the file. */
export function mergeWarnings(...lists: readonly (readonly string[])[]): string[] {
  const merged = new Map<string, string>();
  for (const sentence of lists.flat()) merged.set(sentence.split(': “')[0] ?? sentence, sentence);
  return [...merged.values()];
}
