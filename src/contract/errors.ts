/**
 * Errors that cross a boundary: a code, a sentence for the examiner and advice, in three families.
 *
 * `cancelled` – somebody asked us to stop; `expected` – the world is not as we need it (bad file, wrong password);
 * `bug` – our own fault. They cross processes whole through {@link toWire} and {@link fromWire}.
 */
import * as z from 'zod';

/** Every code of the program with its exit status and what the examiner can do about it. */
export const ERROR_CODES = {
  cancelled: { exit: 130, advice: 'Start it again when you want it to go on.' },
  'usage.invalid': { exit: 2, advice: 'Run "vidimus help" to see what the command takes.' },
  'evidence.not-found': { exit: 3, advice: 'Check the path; was the medium unplugged?' },
  'evidence.not-a-file': { exit: 3, advice: 'Give a regular file; for a folder use "vidimus batch".' },
  'evidence.no-permission': { exit: 3, advice: 'Ask for read permission on the file, or work on a copy.' },
  'evidence.empty': { exit: 3, advice: 'The file holds no bytes. Acquire it again from the source.' },
  'evidence.unsupported': { exit: 3, advice: 'See README for the formats this build reads.' },
  'evidence.damaged': {
    exit: 3,
    advice: 'Nothing could be decoded. Try to acquire the file again; keep the damaged copy.',
  },
  'evidence.changed': { exit: 3, advice: 'Something writes to this file. Work on a verified copy.' },
  'evidence.too-large': {
    exit: 3,
    advice: 'The picture is above the stated limit. Examine a crop, or raise the limit in the settings.',
  },
  'evidence.no-content': { exit: 3, advice: 'The container holds no picture, video or sound that can be examined.' },
  'evidence.read-failed': { exit: 3, advice: 'The medium gave a read error. Image it with a recovery tool first.' },
  'evidence.timeout': {
    exit: 3,
    advice: 'Decoding took longer than the limit. Raise --time-limit, or examine a part.',
  },
  'pack.missing': { exit: 4, advice: 'Run "vidimus models list"; import the pack with "vidimus models import".' },
  'pack.damaged': { exit: 4, advice: 'The pack was changed on disk. Remove it and import it again from its source.' },
  'pack.invalid': { exit: 4, advice: 'The manifest is not one this version reads. Ask whoever made the pack.' },
  'pack.exists': { exit: 4, advice: 'Remove the installed pack first, or give the new one another id or version.' },
  'checkpoint.invalid': {
    exit: 4,
    advice: 'The file is not a readable checkpoint. Compare its SHA-256 with the publisher’s.',
  },
  'checkpoint.hostile': { exit: 4, advice: 'The file asks to run code. Do not use it; report where it came from.' },
  'checkpoint.mismatch': {
    exit: 4,
    advice: 'The checkpoint does not fit this architecture. Check which network it was trained for.',
  },
  'inference.failed': { exit: 4, advice: 'Try --provider cpu. If it fails there too, verify the pack.' },
  'integrity.mismatch': { exit: 5, advice: 'Keep both versions and find out who changed the file.' },
  'case.not-found': { exit: 3, advice: 'Check the path; "vidimus case list" shows the cases of a workspace.' },
  'case.exists': { exit: 2, advice: 'Name another folder. An existing case is never overwritten.' },
  'case.damaged': {
    exit: 5,
    advice: 'Do not work on it. Copy the folder as it is, then restore a backup with "vidimus case restore".',
  },
  'case.newer': { exit: 70, advice: 'Open it with the version of Vidimus that wrote it, or a later one.' },
  'case.foreign': { exit: 3, advice: 'This is not a case of Vidimus. Nothing was changed in it.' },
  'case.locked': { exit: 70, advice: 'Close the case in the other window or program; reading is possible meanwhile.' },
  'case.passphrase': {
    exit: 3,
    advice:
      'Give the pass phrase in VIDIMUS_PASSPHRASE, with --passphrase-file, or at the prompt. It cannot be recovered.',
  },
  'case.read-only': { exit: 70, advice: 'Copy the case to a writable medium, or import it into a case of yours.' },
  'case.disk-full': { exit: 70, advice: 'Free some space and do it again; nothing half-done was kept.' },
  'case.chain': {
    exit: 5,
    advice: 'Keep the case as it is and compare it with its last backup, export or time stamp.',
  },
  'case.signing-blocked': {
    exit: 5,
    advice: 'A lasting finding stands against this exhibit; "vidimus case show" lists it.',
  },
  'case.unknown': { exit: 2, advice: 'List the records with "vidimus case show".' },
  'case.rule': { exit: 2, advice: 'The step is not possible in this state of the case.' },
  'case.package': { exit: 5, advice: 'The package was changed or is incomplete. Ask the sender for it again.' },
  'case.timestamp': { exit: 5, advice: 'Check which request the token answers, and the laboratory’s trust anchor.' },
  'evaluation.one-class': {
    exit: 3,
    advice: 'An error rate needs both kinds. Add files to the folder "real" and to the folder "fake".',
  },
  'evaluation.too-few': {
    exit: 3,
    advice: 'Add files; about 100 of each kind allow "moderate" support, 1,000 "strong".',
  },
  'evaluation.constant': {
    exit: 3,
    advice: 'A method that answers the same to everything cannot be measured or calibrated on these files.',
  },
  'evaluation.not-finite': { exit: 3, advice: 'A score was infinite or not a number. Verify the pack that gave it.' },
  'evaluation.duplicate': {
    exit: 3,
    advice: 'The same bytes cannot be real and manipulated. Remove or relabel one of the copies.',
  },
  'evaluation.labels': { exit: 2, advice: 'Correct labels.csv (columns path, label, source, system) or the folders.' },
  'calibration.useless': {
    exit: 3,
    advice: 'On these files higher scores do not go with manipulation. Check the labels; do not use the method here.',
  },
  'profile.invalid': {
    exit: 4,
    advice: 'Remove the profile and calibrate again with "vidimus evaluate DIR --calibrate PACK".',
  },
  'record.invalid': { exit: 5, advice: 'The record was changed, is incomplete, or was signed with another key.' },
  'key.passphrase': {
    exit: 3,
    advice: 'Give the pass phrase of the key file at the prompt or with a file; it cannot be recovered.',
  },
  'key.unsupported': { exit: 3, advice: 'Use an RSA (from 2048 bits) or EC key in a PKCS#12 file of current make.' },
  'key.damaged': { exit: 3, advice: 'Take the key file from its backup, or have a new certificate issued.' },
  'key.exists': { exit: 2, advice: 'Name another folder or file. Keys are never overwritten.' },
  'certificate.expired': { exit: 3, advice: 'Have a new certificate issued; check the clock of this computer.' },
  'certificate.not-yet-valid': { exit: 3, advice: 'Check the clock of this computer, or wait until that day.' },
  'certificate.usage': {
    exit: 3,
    advice: 'Use a certificate with key usage digitalSignature or nonRepudiation that is not a root.',
  },
  'signature.document': { exit: 3, advice: 'Make the report again; only an intact, unencrypted PDF can be signed.' },
  'signature.timestamp': { exit: 5, advice: 'Check the time stamp server, and which request its answer belongs to.' },
  'verify.unreadable': {
    exit: 3,
    advice: 'Give a signed report, a bundle, a result or a validation record of Vidimus.',
  },
  'tool.missing': { exit: 70, advice: 'Run "vidimus doctor" to see what is missing and how to install it.' },
  'output.failed': { exit: 70, advice: 'Check free space and write permission of the output folder.' },
  'engine.crashed': {
    exit: 70,
    advice: 'The engine was started again. If the same file does it twice, report it with the log.',
  },
  'engine.unresponsive': { exit: 70, advice: 'The engine was stopped and started again. Try the file alone.' },
  bug: { exit: 70, advice: 'This is our fault. Please report it with the log of this run.' },
} as const satisfies Record<string, { exit: number; advice: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorFamily = 'cancelled' | 'expected' | 'bug';

const codeNames = new Set<string>(Object.keys(ERROR_CODES));
const isErrorCode = (value: string): value is ErrorCode => codeNames.has(value);

/** The form of an error on any wire. */
export const WireError = z.strictObject({
  code: z.string(),
  message: z.string(),
  advice: z.string(),
  family: z.enum(['cancelled', 'expected', 'bug']),
  detail: z.string().optional(),
});
export type WireError = z.infer<typeof WireError>;

/** An error that an examiner can read. `detail` is for the log only (stack, tool output). */
export class VidimusError extends Error {
  override readonly name = 'VidimusError';
  readonly code: ErrorCode;
  readonly advice: string;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, message: string, options: { advice?: string; detail?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.advice = options.advice ?? ERROR_CODES[code].advice;
    this.detail = options.detail;
  }

  get family(): ErrorFamily {
    if (this.code === 'cancelled') return 'cancelled';
    return this.code === 'bug' ? 'bug' : 'expected';
  }

  /** Process exit status that belongs to this error (formats.md, section 1). */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}

/** The error that every cancelled operation rejects with. */
export const cancelled = (what = 'The work was cancelled.'): VidimusError => new VidimusError('cancelled', what);

/** Throws {@link cancelled} if the signal has fired; call it once per batch. */
export function throwIfCancelled(signal: { readonly aborted: boolean } | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** Turns anything thrown into a VidimusError; what we did not foresee is a bug. */
export function asVidimusError(thrown: unknown): VidimusError {
  if (thrown instanceof VidimusError) return thrown;
  if (thrown instanceof Error) {
    if (thrown.name === 'AbortError') return cancelled();
    return new VidimusError('bug', thrown.message || thrown.name, {
      detail: thrown.stack ?? thrown.name,
      cause: thrown,
    });
  }
  return new VidimusError('bug', String(thrown));
}

/** Serialises an error for another process or for `--json`. */
export function toWire(thrown: unknown): WireError {
  const error = asVidimusError(thrown);
  const wire: WireError = { code: error.code, message: error.message, advice: error.advice, family: error.family };
  if (error.detail !== undefined) wire.detail = error.detail;
  return wire;
}

/** Revives an error that crossed a wire; an unknown code becomes a bug that names it. */
export function fromWire(wire: WireError): VidimusError {
  const options = { advice: wire.advice, ...(wire.detail === undefined ? {} : { detail: wire.detail }) };
  if (isErrorCode(wire.code)) return new VidimusError(wire.code, wire.message, options);
  return new VidimusError('bug', `${wire.code}: ${wire.message}`, options);
}
