import { askedGraceBounds } from '../domain/asked-rotation.ts';
import type { Caller } from '../domain/caller.ts';
import { formatDuration } from '../domain/duration.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { changeLabels, checkLabels } from '../keys/check-labels.ts';
import type { ChangeValues, KeyChangeKind, StoredFilter } from './stored-operation.ts';

export interface ChangeKeysInput {
  readonly realm: string;
  readonly filter: StoredFilter;
  readonly kind: KeyChangeKind;
  readonly values: ChangeValues;
  readonly reason: string;
  /** Whether the confirmed change may apply to all keys. */
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly confirmation: Sensitive<string> | null;
}

/**
 * @throws BAD_USER_INPUT if a value of the change is missing, or is not one of this kind of change.
 * @throws FORBIDDEN if a caller other than an administrator sets labels under `policy/`.
 */
export function checkValues(caller: Caller, { kind, values }: ChangeKeysInput): void {
  const { labels, removeLabels, owner, lifetimeMs, gracePeriodMs = null } = values;
  const given = { labels, removeLabels, owner, lifetime: lifetimeMs, gracePeriod: gracePeriodMs };
  const accepted: Readonly<Record<KeyChangeKind, readonly (keyof typeof given)[]>> = {
    HOLD: [],
    RESUME: [],
    REVOKE: [],
    RENEW: ['lifetime'],
    ASK_ROTATION: ['gracePeriod'],
    LABEL: ['labels', 'removeLabels'],
    TRANSFER: ['owner'],
  };
  for (const field of Object.keys(given) as (keyof typeof given)[]) {
    if (given[field] === null || accepted[kind].includes(field)) continue;
    throw badUserInput(`${field}: the change ${kind} does not take it.`, ['input', field]);
  }
  if (kind === 'TRANSFER' && owner === null) {
    throw badUserInput('owner: found nothing; expected the id of the new owner.', ['input', 'owner']);
  }
  const { shortestMs, longestMs } = askedGraceBounds;
  if (gracePeriodMs !== null && (gracePeriodMs < shortestMs || gracePeriodMs > longestMs)) {
    const expected = `${formatDuration(shortestMs)} to ${formatDuration(longestMs)}`;
    throw badUserInput(`gracePeriod: found ${formatDuration(gracePeriodMs)}; expected ${expected}.`, [
      'input',
      'gracePeriod',
    ]);
  }
  if (kind !== 'LABEL') return;
  if ((labels ?? []).length + (removeLabels ?? []).length === 0) {
    throw badUserInput('labels: found no label; expected labels or removeLabels.', ['input', 'labels']);
  }
  checkLabels(caller, labels ?? [], [], 'labels');
  changeLabels(caller, { setLabels: labels, removeLabels }, []);
}
