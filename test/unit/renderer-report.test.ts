// @vitest-environment happy-dom
/** The report of a case on its screen: names and paths, and what the desk keeps while it is made. */
import { QueryClient } from '@tanstack/react-query';
import { act, cleanup, renderHook } from '@testing-library/react';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiArgs } from '../../src/contract/api.ts';
import { VidimusError } from '../../src/contract/errors.ts';
import type { MadeReport } from '../../src/contract/report.ts';
import type { Progress } from '../../src/contract/result.ts';
import {
  clearReportDesk,
  draftReport,
  makeReport,
  stopReport,
  useReportDesk,
} from '../../src/renderer/screens/case/report/desk.ts';
import {
  EXTRAS,
  extraPath,
  freeName,
  inReports,
  nameOf,
  pathProblem,
  previewPath,
  verifyCommand,
  withEnding,
} from '../../src/renderer/screens/case/report/files.ts';

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
const call = vi.hoisted(() => vi.fn<(name: string, args: unknown, options: Options) => Promise<MadeReport>>());
vi.mock('../../src/renderer/client.ts', () => ({ call }));

describe('the name of a report', () => {
  it('is word and number, counted on past those that were issued', () => {
    expect(freeName('report', '2026/17 Ä', [])).toBe('report-2026-17-Ä.pdf');
    expect(freeName('report', '2026-17', ['REPORT-2026-17.pdf', 'report-2026-17-2.pdf'])).toBe('report-2026-17-3.pdf');
    expect(freeName('report', '../..', [])).toBe('report.pdf');
  });
  it('is one name, free, and good on every system, whatever the case is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(9)), (number, counts) => {
        const taken = counts.map((n) => freeName('r', number, []).replace('.pdf', n === 0 ? '.pdf' : `-${n + 1}.pdf`));
        const name = freeName('r', number, taken);
        expect(taken).not.toContain(name);
        expect(name).toMatch(/^[\p{L}\p{N}._-]+\.pdf$/u);
        expect(new TextEncoder().encode(name).length).toBeLessThan(255);
        expect(pathProblem(inReports('/cases/x/', name))).toBeNull();
        expect(nameOf(inReports('C:\\cases\\x', name))).toBe(name);
      }),
    );
  });
});

describe('paths of a report', () => {
  it('lie in the folder of reports of the case, in the manner of its system', () => {
    expect(inReports('/cases/x/', 'a.pdf')).toBe('/cases/x/reports/a.pdf');
    expect(inReports('C:\\cases\\x', 'a.pdf')).toBe('C:\\cases\\x\\reports\\a.pdf');
    expect(inReports('\\\\server\\share', 'a.pdf')).toBe('\\\\server\\share\\reports\\a.pdf');
  });
  it.each([
    ['', 'empty'],
    ['a.pdf', 'relative'],
    ['../a.pdf', 'relative'],
    ['C:a.pdf', 'relative'],
    ['/a', 'ending'],
    ['/a/.pdf', 'ending'],
    ['/a.pdf/', 'ending'],
    ['/a/b.PDF', null],
    ['D:/b.pdf', null],
    ['\\\\server\\b.pdf', null],
  ])('%j: %s', (path, problem) => expect(pathProblem(path)).toBe(problem));
  it('are all different, and the preview is never the report', () => {
    for (const pdf of ['/a/b.pdf', '/a/b.PDF', '/a/b.c.pdf']) {
      const all = [pdf, previewPath(pdf), ...EXTRAS.map((extra) => extraPath(pdf, extra))];
      expect(new Set(all.map((path) => path.toLowerCase())).size).toBe(all.length);
    }
    expect(previewPath('/a/b.PDF')).toBe('/a/b-preview.pdf');
    expect(withEnding('/a/b')).toBe('/a/b.pdf');
    expect(withEnding('/a/b.PDF')).toBe('/a/b.PDF');
  });
  it('stand in the command of the check as one argument', () => {
    expect(verifyCommand('/a/b-1.pdf')).toBe('vidimus verify /a/b-1.pdf');
    expect(verifyCommand("/a b/it's $x.pdf")).toBe(String.raw`vidimus verify '/a b/it'\''s $x.pdf'`);
    expect(verifyCommand('C:\\a b\\c.pdf')).toBe('vidimus verify "C:\\a b\\c.pdf"');
  });
});

describe('the desk', () => {
  const HANDLE = '0123456789abcdef';
  const request = (preview: boolean): ApiArgs<'report.make'> => ({
    case: HANDLE,
    preview,
    out: '/x/a.pdf',
    html: null,
    json: null,
    tables: null,
    template: null,
    exhibits: null,
    sign: preview ? [] : [{ p12: '/k.p12', passphrase: 'very secret' }],
  });
  const made: MadeReport = {
    state: 'final',
    pdf: '/x/a.pdf',
    sha256: 'a'.repeat(64),
    bytes: 9,
    html: null,
    json: null,
    tables: [],
    signed: true,
    auditSeq: 3,
    auditHead: 'b'.repeat(64),
    exhibits: [],
    notes: [],
  };
  const queries = new QueryClient();
  const pending = () => Promise.withResolvers<MadeReport>();

  beforeEach(() => call.mockReset());
  afterEach(() => {
    cleanup();
    clearReportDesk(HANDLE);
  });

  it('keeps result and draft, one report at a time, and no pass phrase', async () => {
    const { result } = renderHook(() => useReportDesk(HANDLE));
    const answer = pending();
    call.mockReturnValueOnce(answer.promise);
    act(() => draftReport(HANDLE, { out: '/x/a.pdf', keys: ['/k.p12'] }));
    await act(async () => {
      const work = makeReport(request(false), queries);
      await makeReport(request(true), queries);
      expect(call).toHaveBeenCalledOnce();
      answer.resolve(made);
      await work;
    });
    expect(result.current).toMatchObject({ running: null, result: made, error: null });
    expect(result.current.draft).toMatchObject({ out: null, keys: ['/k.p12'] });
    expect(JSON.stringify(result.current)).not.toContain('very secret');
  });

  it('shows how far it is, and stops', async () => {
    const { result } = renderHook(() => useReportDesk(HANDLE));
    call.mockImplementationOnce((_name, _args, { signal, onProgress }) => {
      onProgress({ stage: 'intake', done: 1, total: 3, unit: 'files' });
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new VidimusError('cancelled', 'Stopped.'))),
      );
    });
    act(() => void makeReport(request(true), queries));
    expect(result.current).toMatchObject({ running: 'preview', progress: { done: 1, total: 3 } });
    await act(async () => stopReport(HANDLE));
    expect(result.current).toMatchObject({ running: null, progress: null, error: { code: 'cancelled' } });
  });

  it('is cleared with the case, and what comes later is not laid on it', async () => {
    const { result } = renderHook(() => useReportDesk(HANDLE));
    const answer = pending();
    call.mockReturnValueOnce(answer.promise);
    await act(async () => {
      const work = makeReport(request(false), queries);
      clearReportDesk(HANDLE);
      answer.resolve(made);
      await work;
    });
    expect(call.mock.calls[0]?.[2].signal.aborted).toBe(true);
    expect(result.current).toMatchObject({ running: null, result: null, draft: { keys: [] } });
  });
});
