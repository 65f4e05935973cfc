import { describe, expect, it } from 'vitest';
import { asVidimusError, ERROR_CODES, fromWire, toWire, VidimusError } from '../../src/contract/errors.ts';

describe('errors across a boundary', () => {
  it('come back whole', () => {
    const sent = new VidimusError('evidence.empty', 'The file is empty.', { detail: 'trace' });
    const got = fromWire(JSON.parse(JSON.stringify(toWire(sent))));
    expect(got).toMatchObject({ code: 'evidence.empty', message: 'The file is empty.', detail: 'trace', exitCode: 3 });
    expect(got.advice).toBe(ERROR_CODES['evidence.empty'].advice);
  });

  it('treats what nobody foresaw as a bug and an abort as cancelled', () => {
    expect(asVidimusError(new RangeError('x')).family).toBe('bug');
    expect(asVidimusError(new DOMException('stop', 'AbortError')).family).toBe('cancelled');
    expect(asVidimusError('text').code).toBe('bug');
  });

  it('names an unknown code instead of losing it', () => {
    const revived = fromWire({ code: 'from.future', message: 'm', advice: 'a', family: 'expected' });
    expect(revived).toMatchObject({ code: 'bug', message: 'from.future: m' });
  });
});
