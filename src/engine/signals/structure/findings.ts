/** An irregularity found in a file's structure, before a detector puts its name on it. */
import type { Anomaly, Where } from '../../../contract/result.ts';

export interface Finding {
  readonly type: string;
  readonly severity: Anomaly['severity'];
  /** The fact, and what it may also mean. */
  readonly description: string;
  readonly where?: Where;
}
