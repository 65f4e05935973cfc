/** The report as one HTML file without links to anything: pictures inside, no script, a policy of its own. */
import { createHash } from 'node:crypto';
import type { ReportChart, ReportFigure, ReportModel, Timeline } from '../../contract/report.ts';
import { LINE, spanColor, THRESHOLD, trackColor } from '../figures/colors.ts';
import { plotOf, ticks } from '../figures/fit.ts';
import { numberText, visible } from '../figures/text.ts';
import type { Block, Composition, Field } from '../templates/blocks.ts';
import { STYLE } from './style.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text inside elements and attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);

const lines = (text: string): string => escaped(text).replaceAll('\n', '<br>');

/** Sets the report as HTML. The same input gives the same text. */
export function renderHtml(
  model: ReportModel,
  composition: Composition,
  pictures: ReadonlyMap<string, Uint8Array>,
): string {
  const { words } = composition;
  const preview = model.state === 'preview';
  const style = `${STYLE}:root{--accent:${model.template.accent}}`;
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { laboratory, logo, notice } = model.template;
  const house = [laboratory.name, laboratory.address, laboratory.contact, laboratory.accreditation].filter((l) => l);
  const chapters = chapterList(composition.blocks);
  return [
    '<!doctype html>',
    `<html lang="${escaped(composition.lang)}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(composition.title)} – ${escaped(visible(model.case.number))}</title>`,
    `<style>${style}</style></head><body${preview ? ' class="preview"' : ''}>`,
    preview ? `<p class="mark">${escaped(words.preview)}</p>` : '',
    '<header>',
    logo === null ? '' : `<img class="logo" src="${escaped(logo)}" alt="${escaped(laboratory.name || 'Logo')}">`,
    house
      .map((line, i) => `<p class="${i === 0 ? 'house' : 'small'}">${lines(visible(line ?? '', true))}</p>`)
      .join(''),
    `<h1 class="title">${escaped(composition.title)}</h1>${fieldList(composition.front)}`,
    `<p class="notice">${escaped(composition.standing)}</p>`,
    notice === null ? '' : `<p class="small">${lines(visible(notice, true))}</p>`,
    '</header>',
    `<nav aria-label="${escaped(words.contents)}"><h2>${escaped(words.contents)}</h2><ol>`,
    ...chapters.map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`),
    '</ol></nav><main>',
    ...blocksOf(composition, pictures),
    '</main></body></html>\n',
  ].join('\n');
}

const chapterList = (blocks: readonly Block[]): { id: string; text: string }[] =>
  blocks.flatMap((block, i) =>
    block.kind === 'heading' && block.level === 1 ? [{ id: `b${i}`, text: block.text }] : [],
  );

const fieldList = (rows: readonly Field[]): string =>
  `<dl>${rows
    .map(
      ({ label, value, mono }) =>
        `<dt>${escaped(label)}</dt><dd dir="auto"${mono ? ' class="mono"' : ''}>${lines(value)}</dd>`,
    )
    .join('')}</dl>`;

function* blocksOf(
  composition: Composition,
  pictures: ReadonlyMap<string, Uint8Array>,
): Generator<string, void, undefined> {
  for (const [i, block] of composition.blocks.entries()) {
    const lang = 'lang' in block && block.lang !== undefined ? ` lang="${escaped(block.lang)}"` : '';
    switch (block.kind) {
      case 'heading':
        yield `<h${block.level + 1} id="b${i}" dir="auto">${escaped(block.text)}</h${block.level + 1}>`;
        break;
      case 'paragraph':
        yield `<p class="${block.look}" dir="auto"${lang}>${lines(block.text)}</p>`;
        break;
      case 'list':
        yield `<ul${lang}>${block.items.map((item) => `<li dir="auto">${lines(item)}</li>`).join('')}</ul>`;
        break;
      case 'fields':
        yield fieldList(block.rows);
        break;
      case 'table':
        yield tableText(block);
        break;
      case 'figure':
        yield figureText(block.figure, pictures.get(block.figure.sha256), block.caption, block.alt, composition);
        break;
      case 'chart':
        yield framed(chartText(block.chart, block.alt), block.caption);
        break;
      case 'timeline':
        yield framed(timelineText(block.timeline, block.alt, composition), block.caption);
        break;
      case 'exhibit':
      case 'page':
        break;
    }
  }
}

function tableText({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const head = columns.map(({ title }) => `<th scope="col">${escaped(title)}</th>`).join('');
  const cells = (row: readonly string[]): string =>
    columns.map(({ look }, k) => `<td class="${look}" dir="auto">${lines(row[k] ?? '')}</td>`).join('');
  return [
    '<div class="wide"><table>',
    caption === null ? '' : `<caption>${escaped(caption)}</caption>`,
    `<thead><tr>${head}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${cells(row)}</tr>`),
    '</tbody></table></div>',
  ].join('');
}

const framed = (inner: string, caption: string): string =>
  `<figure>${inner}<figcaption dir="auto">${escaped(caption)}</figcaption></figure>`;

function figureText(
  fig: ReportFigure,
  bytes: Uint8Array | undefined,
  caption: string,
  alt: string,
  { words }: Composition,
): string {
  if (bytes === undefined) return `<p class="notice">${escaped(`${caption} ${words.pictureMissing}`)}</p>`;
  const data = `data:${fig.mime};base64,${Buffer.from(bytes).toString('base64')}`;
  const width = fig.original?.width ?? fig.width;
  const height = fig.original?.height ?? fig.height;
  const unit = width / 800;
  const faces = fig.faces.map(({ track, box }) => {
    const color = trackColor(track);
    const tag = `track ${track}`;
    const top = Math.max(0, box.y - 18 * unit);
    return [
      `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="none" stroke="${color}" stroke-width="${3 * unit}"/>`,
      `<rect x="${box.x}" y="${top}" width="${(tag.length * 8 + 8) * unit}" height="${18 * unit}" fill="${color}"/>`,
      `<text x="${box.x + 4 * unit}" y="${top + 13 * unit}" font-size="${13 * unit}" fill="#fff">${tag}</text>`,
    ].join('');
  });
  const svg = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(alt)}" class="picture"><image href="${data}" width="${width}" height="${height}"/>${faces.join('')}</svg>`;
  return framed(svg, caption);
}

const W = 720;
const H = 150;
const LEFT = 60;

function chartText(chart: ReportChart, alt: string): string {
  const plot = plotOf(chart);
  const width = W - LEFT - 10;
  const x = (share: number): string => (LEFT + share * width).toFixed(1);
  const y = (share: number): string => (8 + (1 - share) * H).toFixed(1);
  const share = (value: number, [low, high]: readonly [number, number]): number => (value - low) / (high - low);
  const across = (at: string, extra: string): string =>
    `<line x1="${LEFT}" x2="${LEFT + width}" y1="${at}" y2="${at}" ${extra}/>`;
  const parts = plot.yTicks.flatMap((tick) => {
    const at = y(share(tick, plot.y));
    return [
      across(at, 'stroke="#d5dae1"'),
      `<text x="${LEFT - 6}" y="${Number(at) + 4}" class="end">${numberText(tick)}</text>`,
    ];
  });
  for (const tick of plot.xTicks)
    parts.push(`<text x="${x(share(tick, plot.x))}" y="${H + 24}" class="middle">${numberText(tick)}</text>`);
  for (const run of plot.runs)
    parts.push(
      `<polyline points="${run.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}" fill="none" stroke="${LINE}" stroke-width="1.5"/>`,
    );
  if (plot.threshold !== null)
    parts.push(across(y(plot.threshold), `stroke="${THRESHOLD}" stroke-width="1.3" stroke-dasharray="6 4"`));
  return `<svg viewBox="0 0 ${W} ${H + 32}" role="img" aria-label="${escaped(alt)}" class="chart">${parts.join('')}</svg>`;
}

function timelineText(line: Timeline, alt: string, { words }: Composition): string {
  const lanes = [...new Set(line.spans.map(({ lane }) => lane))];
  const left = LEFT + 30;
  const width = W - left - 10;
  const at = (seconds: number): number =>
    left + (Math.max(0, Math.min(line.duration, seconds)) / line.duration) * width;
  const parts = lanes.flatMap((lane, i) => {
    const y = 6 + i * 26;
    return [
      `<text x="${left - 6}" y="${y + 14}" class="end">${escaped(words.lanes[lane] ?? lane)}</text>`,
      `<rect x="${left}" y="${y}" width="${width}" height="18" fill="#f0f2f5"/>`,
      ...line.spans
        .filter((s) => s.lane === lane)
        .map((s) => {
          const color = spanColor(s);
          const wide = Math.max(2, at(s.to) - at(s.from));
          return `<rect x="${at(s.from).toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="18" fill="${color}"><title>${escaped(visible(s.label))}</title></rect>`;
        }),
    ];
  });
  const height = lanes.length * 26;
  for (const tick of ticks(0, line.duration, 8))
    parts.push(`<text x="${at(tick).toFixed(1)}" y="${height + 20}" class="middle">${numberText(tick)} s</text>`);
  return `<svg viewBox="0 0 ${W} ${height + 28}" role="img" aria-label="${escaped(alt)}" class="chart">${parts.join('')}</svg>`;
}
