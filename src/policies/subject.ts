import type { Promised } from '../domain/keep-notice.ts';
import type { KnownKey } from './facts.ts';
import type { StoredJudgement } from './judgement.ts';

/** A key on which policy is to say something. */
export interface Subject {
  readonly known: KnownKey;
  readonly ownerId: string;
  readonly realmId: string;
  /** What it may rely on. 'NEW': it is being made, and nobody relies on anything yet. */
  readonly promised: Promised | 'NEW';
  /** What bindings said when they were last asked. */
  readonly earlier: StoredJudgement;
}

/** What selectors choose by (rule 19). */
export function selectable({ known: { key }, ownerId }: Subject) {
  const labels = Object.entries(key.labels).map(([name, value]) => ({ name, value }));
  return { id: key.id, ownerId, createdAt: new Date(key.createdAt), labels };
}
