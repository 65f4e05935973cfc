/** Tables for spreadsheets, charts, moments and templates. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TEMPLATE, ReportTemplate } from '../../src/contract/reportTemplate.ts';
import { plotOf, ticks } from '../../src/reporting/figures/fit.ts';
import { thinned } from '../../src/reporting/model/charts.ts';
import { isTimeZone, momentOf } from '../../src/reporting/model/moment.ts';
import { csvLine, neutral } from '../../src/reporting/tables/csv.ts';
import { readTemplate } from '../../src/workbench/report/template.ts';
import { freshFolder } from '../helpers/cli.ts';
import { failure } from '../integration/case-support.ts';

/** A reader of RFC 4180 of our own making, for one line. */
function cells(line: string): string[] {
  const out: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,"]*))(,|\r\n)/gy;
  for (let hit = pattern.exec(line); hit; hit = pattern.exec(line)) {
    out.push(hit[1] === undefined ? (hit[2] ?? '') : hit[1].replaceAll('""', '"'));
    if (hit[3] === '\r\n') return out;
  }
  throw new Error(`not a line of CSV: ${line}`);
}

describe('CSV', () => {
  it('lets no text become a formula and leaves numbers alone', () => {
    for (const bad of ['=1+1', '+1', '-1', '@A1', '\t=1', '\r=1', ' =1', '＝1', '\u200b=1', '\n=1'])
      expect(neutral(bad)[0], JSON.stringify(bad)).toBe("'");
    expect(csvLine(['=HYPERLINK("x")', -1.5, 1e-7, null, 'plain', Number.NaN, true])).toBe(
      '"\'=HYPERLINK(""x"")",-1.5,1e-7,,plain,,true\r\n',
    );
  });

  it('gives every text back, with an apostrophe at most, and never begins a cell as a formula does', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 6 }), (texts) => {
        const back = cells(csvLine(texts));
        expect(back).toHaveLength(texts.length);
        back.forEach((cell, i) => {
          expect([texts[i], `'${texts[i]}`]).toContain(cell);
          expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
        });
      }),
    );
  });
});

describe('charts', () => {
  it('keep the lowest, the highest and the gaps of a long series, and only points that were stored', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { nil: null }), {
          minLength: 700,
          maxLength: 3000,
        }),
        (y) => {
          const x = y.map((_, i) => i);
          const thin = thinned(x, y);
          expect(thin.x.length).toBeLessThanOrEqual(600);
          const numbers = (list: readonly (number | null)[]) => list.filter((v) => v !== null);
          expect(Math.max(...numbers(thin.y))).toBe(Math.max(...numbers(y)));
          expect(Math.min(...numbers(thin.y))).toBe(Math.min(...numbers(y)));
          expect(thin.y.includes(null)).toBe(y.includes(null));
          thin.x.forEach((at, i) => {
            expect(thin.y[i]).toBe(y[at]);
            if (i > 0) expect(at).toBeGreaterThan(thin.x[i - 1]);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('break at gaps, show the threshold and the whole scale of a score', () => {
    const plot = plotOf({ x: [0, 1, 2, 3], y: [0.2, null, 0.4, 0.5], unit: 'score', threshold: 0.6 });
    expect(plot.runs.map((run) => run.length)).toEqual([1, 2]);
    expect(plot).toMatchObject({ y: [0, 1], threshold: 0.6 });
    expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(plotOf({ x: [1, 1], y: [40, 40.000001], unit: 'ms', threshold: null }).y).toEqual(
      [38, 42].map((v) => expect.closeTo(v, 4)),
    );
  });
});

describe('times', () => {
  it('stand in UTC and in the zone of the laboratory, summer and winter, with the offset', () => {
    expect(momentOf('2026-11-21T03:15:06.123Z', 'Europe/Berlin').local).toBe('2026-11-21 04:15:06 +01:00');
    expect(momentOf('2026-07-01T00:00:00.000Z', 'Europe/Berlin').local).toBe('2026-07-01 02:00:00 +02:00');
    expect(momentOf('2026-07-01T00:00:00.000Z', 'UTC').local).toBe('2026-07-01 00:00:00 +00:00');
    expect(momentOf('2026-01-01T00:00:00.000Z', 'Asia/Kolkata').local).toBe('2026-01-01 05:30:00 +05:30');
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
  });
});

describe('templates', () => {
  const folder = freshFolder();
  const written = (content: unknown): string => {
    const path = join(folder, 'template.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('take what is left out from the default, and a logo from a file beside them', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    writeFileSync(join(folder, 'logo.png'), Buffer.from(png, 'base64'));
    expect(await readTemplate(null)).toEqual(DEFAULT_TEMPLATE);
    const read = await readTemplate(written({ language: 'de', logo: 'logo.png', timeZone: 'Europe/Berlin' }));
    expect(read).toMatchObject({ language: 'de', paper: 'A4', logo: `data:image/png;base64,${png}` });
  });

  it('may order chapters but not leave out what a report must say', () => {
    const without = (name: string) => DEFAULT_TEMPLATE.sections.filter((one) => one !== name);
    expect(ReportTemplate.safeParse({ ...DEFAULT_TEMPLATE, sections: without('glossary') }).success).toBe(true);
    for (const name of ['limitations', 'custody', 'methods', 'results', 'integrity'])
      expect(ReportTemplate.safeParse({ ...DEFAULT_TEMPLATE, sections: without(name) }).success, name).toBe(false);
    expect(
      ReportTemplate.safeParse({ ...DEFAULT_TEMPLATE, sections: [...DEFAULT_TEMPLATE.sections].reverse() }).success,
    ).toBe(true);
  });

  it('are refused with the reason where they are wrong', async () => {
    for (const [content, reason] of [
      ['{', /not a readable JSON/],
      [{ colour: 'red' }, /colour|Unrecognized/i],
      [{ accent: 'red' }, /accent/],
      [{ timeZone: 'Mars/Olympus' }, /no time zone/],
      [{ logo: 'gone.png' }, /cannot be read/],
      [{ logo: 'logo.svg' }, /PNG or JPEG/],
      [{ logo: 'data:text/html;base64,AA==' }, /logo/],
    ] as const) {
      const error = await failure(() => readTemplate(written(content)));
      expect(error.code).toBe('usage.invalid');
      expect(error.message).toMatch(reason);
    }
  });
});
