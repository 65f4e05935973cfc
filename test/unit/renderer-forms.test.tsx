// @vitest-environment happy-dom
/** Forms: what they refuse, and what they hand on. */
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Exhibit } from '../../src/contract/case.ts';
import { startLanguages, switchLanguage } from '../../src/renderer/i18n/i18n.ts';
import { FieldsForm, typedMoment } from '../../src/renderer/screens/case/FieldsForm.tsx';
import { CreateCaseForm, isCaseNumber } from '../../src/renderer/screens/cases/CreateCaseForm.tsx';

beforeAll(() => {
  // happy-dom has no fonts to wait for; growing text areas listen to them.
  Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  startLanguages('en');
});
afterEach(cleanup);

const shown = (node: React.ReactNode) => render(<MantineProvider env="test">{node}</MantineProvider>);

const EXHIBIT: Exhibit = {
  id: '01990000-0000-7000-8000-000000000001',
  originCase: '01990000-0000-7000-8000-000000000000',
  itemNumber: '1',
  description: null,
  maker: 'Canon',
  model: null,
  serial: null,
  acquisitionMethod: null,
  acquisitionTool: null,
  acquisitionToolVersion: null,
  writeBlocker: null,
  source: null,
  authority: null,
  collectedBy: null,
  collectedUtc: '2026-11-21T14:05:00.000Z',
  collectedPlace: null,
  sealNumber: null,
  storagePlace: null,
  originalName: 'a.jpg',
  originalPath: '/a.jpg',
  bytes: 1,
  mediaType: 'image',
  fileModifiedUtc: '2026-11-20T00:00:00.000Z',
  sha256: '0'.repeat(64),
  sha512: '0'.repeat(128),
  md5: '0'.repeat(32),
  storage: 'copy',
  path: 'a',
  addedUtc: '2026-11-21T00:00:00.000Z',
  addedBy: 'Ada',
};

describe('a new case', () => {
  it('is not made without a number and an examiner', async () => {
    const onCreate = vi.fn();
    shown(<CreateCaseForm busy={false} error={null} examiner="" onCreate={onCreate} onCancel={() => undefined} />);
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(onCreate).not.toHaveBeenCalled();
    expect(screen.getAllByText('This field is needed.')).toHaveLength(2);
  });
  it('hands on what was typed, empty fields as null', async () => {
    const onCreate = vi.fn();
    shown(<CreateCaseForm busy={false} error={null} examiner="Ada" onCreate={onCreate} onCancel={() => undefined} />);
    await userEvent.type(screen.getByLabelText(/Case number/), '2026-17');
    await userEvent.type(screen.getByLabelText('Agency'), ' LKA ');
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(onCreate).toHaveBeenCalledExactlyOnceWith({
      number: '2026-17',
      agency: 'LKA',
      matter: null,
      description: null,
      examiner: 'Ada',
      passphrase: null,
    });
  });
  it('asks for the pass phrase twice', async () => {
    const onCreate = vi.fn();
    shown(<CreateCaseForm busy={false} error={null} examiner="Ada" onCreate={onCreate} onCancel={() => undefined} />);
    await userEvent.type(screen.getByLabelText(/Case number/), '1');
    await userEvent.type(screen.getByLabelText('Pass phrase'), 'secret');
    await userEvent.type(screen.getByLabelText('Pass phrase again'), 'secrex');
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(onCreate).not.toHaveBeenCalled();
    expect(screen.getByText('The two pass phrases differ.')).toBeTruthy();
  });
  it('has a number that can be a folder on every system', () => {
    for (const good of ['2026-17', 'Az. 12 Js 5', 'ä']) expect(isCaseNumber(good), good).toBe(true);
    for (const bad of ['', ' ', 'a/b', 'a\\b', '..', '.x', 'x.', 'a:b', 'a\u0007b'])
      expect(isCaseNumber(bad), bad).toBe(false);
  });
});

describe('the record of an exhibit', () => {
  it('is corrected with a reason, and only where it differs', async () => {
    const onSave = vi.fn();
    shown(<FieldsForm exhibit={EXHIBIT} readOnly={false} saving={false} onSave={onSave} />);
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await userEvent.clear(screen.getByLabelText('Maker'));
    await userEvent.type(screen.getByLabelText('Serial number'), 'X1');
    expect(screen.getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(true);
    await userEvent.type(screen.getByLabelText(/Reason for the correction/), 'typo');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(onSave).toHaveBeenCalledExactlyOnceWith({ maker: null, serial: 'X1' }, 'typo');
  });
  it('cannot lose its item number or hold a date that is none', async () => {
    const onSave = vi.fn();
    shown(<FieldsForm exhibit={EXHIBIT} readOnly={false} saving={false} onSave={onSave} />);
    await userEvent.clear(screen.getByLabelText('Item number'));
    await userEvent.type(screen.getByLabelText('Collected at (UTC)'), 'x');
    await userEvent.type(screen.getByLabelText(/Reason for the correction/), 'typo');
    expect(screen.getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/look like/)).toBeTruthy();
  });
  it('reads moments as UTC', () => {
    expect(typedMoment('2026-11-21 14:05')).toBe('2026-11-21T14:05:00.000Z');
    expect(typedMoment(' 2026-11-21T14:05:09Z ')).toBe('2026-11-21T14:05:09.000Z');
    expect(typedMoment('')).toBeNull();
    expect(typedMoment('2026-02-30 10:00')).toBeUndefined();
    expect(typedMoment('yesterday')).toBeUndefined();
  });
  it('speaks German when asked', () => {
    switchLanguage('de');
    shown(<FieldsForm exhibit={EXHIBIT} readOnly saving={false} onSave={() => undefined} />);
    expect(screen.getByLabelText('Seriennummer')).toBeTruthy();
    switchLanguage('en');
  });
});
