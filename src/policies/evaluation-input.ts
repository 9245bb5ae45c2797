import type { StopPromise } from '../domain/apply-notice.ts';
import type { OwnerFacts, RequestFacts } from './contract.ts';
import type { KnownKey } from './facts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** A key to evaluate, as policies see it. */
export interface EvaluationInput {
  readonly known: KnownKey;
  readonly ownerId: string;
  /** The facts of an owner that is made together with the key; undefined: they are loaded. */
  readonly ownerFacts?: OwnerFacts;
  readonly realmId: string;
  /** The stop that the key may rely on. 'NEW': the key is being issued, and nothing has been promised yet. */
  readonly promise: StopPromise | 'NEW';
  /** Whether the key is being written for the first time, although something has been promised: it is imported. */
  readonly isImported?: boolean;
  /** The stored verdicts of the bindings, from the last evaluation. */
  readonly previous: StoredVerdicts;
  /** Whether verifications of the key warn of a verdict that is only shown: it is evaluated for a request, too. */
  readonly isWarned?: boolean;
  /** What a caller requests for the key. Absent: the evaluation is not about a request. */
  readonly request?: RequestFacts;
}

/** Whether a key is being written for the first time. */
export function isNewKey({ promise, isImported = false }: EvaluationInput): boolean {
  return isImported || promise === 'NEW';
}

/** Returns the fields that selectors match (rule 19). */
export function selectableKeyOf({ known: { key }, ownerId }: EvaluationInput) {
  const labels = Object.entries(key.labels).map(([name, value]) => ({ name, value }));
  return { id: key.id, ownerId, createdAt: new Date(key.createdAt), labels };
}
