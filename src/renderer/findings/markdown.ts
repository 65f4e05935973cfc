/**
 * The part of Markdown that method pages and cards are written in, as data. Nothing of the text ever becomes HTML: the
 * screen draws these pieces as elements, so a page cannot bring markup, scripts or pictures with it.
 */

export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly target: string };

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    };

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+)\)/g;

/** Code, bold, emphasis and links within a line; all else is text. */
export function parseInline(line: string): Inline[] {
  const parts: Inline[] = [];
  let at = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > at) parts.push({ kind: 'text', text: line.slice(at, match.index) });
    const [, code, strong, emphasis, text, target] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else if (emphasis !== undefined) parts.push({ kind: 'emphasis', text: emphasis });
    else if (text !== undefined && target !== undefined) parts.push({ kind: 'link', text, target });
    at = match.index + match[0].length;
  }
  if (at < line.length) parts.push({ kind: 'text', text: line.slice(at) });
  return parts;
}

const ITEM = /^\s{0,3}(?:[-*+]|(\d+)\.)\s+(.*)$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const cells = (line: string): Inline[][] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => parseInline(cell.trim()));
const isRule = (line: string | undefined): boolean =>
  /^[\s|:-]+$/.test(line ?? '') && /-/.test(line ?? '') && /\|/.test(line ?? '');

/** The blocks of a page, in order. Whatever is not understood stays text. */
export function parseMarkdown(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const heading = HEADING.exec(line);
    if (line.trim() === '') i += 1;
    else if (line.startsWith('```')) {
      const end = lines.findIndex((other, j) => j > i && other.startsWith('```'));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(i + 1, stop).join('\n') });
      i = stop + 1;
    } else if (heading) {
      const depth = heading[1]?.length ?? 1;
      blocks.push({
        kind: 'heading',
        level: depth === 1 ? 1 : depth === 2 ? 2 : 3,
        content: parseInline(heading[2] ?? ''),
      });
      i += 1;
    } else if (line.includes('|') && isRule(lines[i + 1])) {
      const rows: Inline[][][] = [];
      let j = i + 2;
      for (; (lines[j] ?? '').includes('|'); j += 1) rows.push(cells(lines[j] ?? ''));
      blocks.push({ kind: 'table', head: cells(line), rows });
      i = j;
    } else if (ITEM.test(line)) {
      const items: string[] = [];
      const ordered = ITEM.exec(line)?.[1] !== undefined;
      for (; i < lines.length && (lines[i] ?? '').trim() !== ''; i += 1) {
        const item = ITEM.exec(lines[i] ?? '');
        if (item) items.push(item[2] ?? '');
        else items.push(`${items.pop() ?? ''} ${(lines[i] ?? '').trim()}`);
      }
      blocks.push({ kind: 'list', ordered, items: items.map(parseInline) });
    } else {
      const words: string[] = [];
      for (; i < lines.length; i += 1) {
        const next = lines[i] ?? '';
        if (
          next.trim() === '' ||
          (words.length > 0 && (HEADING.test(next) || ITEM.test(next) || next.startsWith('```')))
        )
          break;
        words.push(next.trim());
      }
      blocks.push({ kind: 'paragraph', content: parseInline(words.join(' ')) });
    }
  }
  return blocks;
}
