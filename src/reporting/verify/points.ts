/** Collecting what a check found. */
import type { VerificationPoint } from '../../contract/verification.ts';

export class Points {
  readonly all: VerificationPoint[] = [];

  ok(subject: string, statement: string): void {
    this.all.push({ subject, state: 'ok', statement });
  }

  bad(subject: string, statement: string): void {
    this.all.push({ subject, state: 'not-ok', statement });
  }

  open(subject: string, statement: string): void {
    this.all.push({ subject, state: 'open', statement });
  }

  /** One of two statements. */
  say(holds: boolean, subject: string, yes: string, no: string): void {
    this.all.push({ subject, state: holds ? 'ok' : 'not-ok', statement: holds ? yes : no });
  }
}
