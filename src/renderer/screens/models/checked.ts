/** What the hashes of the packs were when they were last checked: a list of packs reads manifests, not their files. */
import { create } from 'zustand';
import type { PackListing } from '../../../contract/api.ts';

/** A pack's name in lists: two versions of one id are two packs. */
export const nameOf = ({ manifest }: Pick<PackListing, 'manifest'>): string => `${manifest.id}@${manifest.version}`;

interface Check {
  /** ISO 8601, UTC. */
  readonly utc: string;
  /** Which file differs and how; null where all are as the manifest says. */
  readonly problem: string | null;
}

/** Checks of this window by the name of the pack; a pack that is not here was not checked. */
export const useChecked = create<Readonly<Record<string, Check>>>(() => ({}));

/** Keeps what a check of these packs found. */
export function keepChecks(packs: readonly Pick<PackListing, 'manifest' | 'problem'>[]): void {
  const utc = new Date().toISOString();
  useChecked.setState(Object.fromEntries(packs.map((pack) => [nameOf(pack), { utc, problem: pack.problem }])));
}
