import type { StopPromise } from '../domain/apply-notice.ts';
import type { KnownKey } from './facts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** A key on which policy is to say something. */
export interface EvaluationInput {
  readonly known: KnownKey;
  readonly ownerId: string;
  readonly realmId: string;
  /** What it may rely on. 'NEW': it is being made, and nobody relies on anything yet. */
  readonly promise: StopPromise | 'NEW';
  /** What bindings said when they were last asked. */
  readonly previous: StoredVerdicts;
}

/** What selectors choose by (rule 19). */
export function selectableKeyOf({ known: { key }, ownerId }: EvaluationInput) {
  const labels = Object.entries(key.labels).map(([name, value]) => ({ name, value }));
  return { id: key.id, ownerId, createdAt: new Date(key.createdAt), labels };
}
