import { Prisma, type Operation } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { askRotation, withdrawRotation } from '../keys/ask-rotation.ts';
import { holdKey } from '../keys/hold.ts';
import { renewKey } from '../keys/renew.ts';
import { liftOperationHolds, resumeKey } from '../keys/resume.ts';
import { revokeKey } from '../keys/revoke.ts';
import { transferKey } from '../keys/transfer.ts';
import { updateKey } from '../keys/update.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';
import type { Change } from '../log/change.ts';
import { askedBeforeOf, askedToRestore, type AskedBefore } from './restore-asked.ts';
import { labelsToRestore } from './restore-labels.ts';
import type { ChangeValues, KeyChangeKind } from './stored-operation.ts';

/** One key of an operation, with what the operation does to it. */
export interface KeyStep {
  readonly keyId: string;
  readonly operationId: string;
  readonly reason: string;
  readonly values: ChangeValues;
  readonly before: KeyBefore | null;
}

/** What the undo of an operation needs of a key: its labels before, or the rotation that it requested. Null: not known. */
export type KeyBefore = readonly LabelInput[] | AskedBefore;

type ApplyStep = (
  change: Change<PolicyCore>,
  caller: Caller,
  step: KeyStep,
) => Promise<{ readonly keyId: string; readonly before?: KeyBefore } | Failure>;

interface KeyChangeRow {
  /** Makes the change by the use case that changes one key, so that the same laws hold. */
  readonly apply: ApplyStep;
  /** Undoes the change, except where others changed the key since. Null: it cannot be undone. */
  readonly undo: ApplyStep | null;
  /** Whether `apply` and `undo` need verdicts of policies. */
  readonly asksPolicies: { readonly apply: boolean; readonly undo: boolean };
}

/** What each kind of operation does to a key. */
const keyChanges: Readonly<Record<KeyChangeKind, KeyChangeRow>> = {
  HOLD: {
    apply: (change, caller, { keyId, reason }) => holdKey.inChange(change, caller, { keyId, reason }),
    undo: (change, caller, { keyId, operationId, reason }) =>
      liftOperationHolds.inChange(change, caller, { keyId, operationId, reason }),
    asksPolicies: { apply: false, undo: true },
  },
  RESUME: {
    apply: (change, caller, { keyId, reason }) => resumeKey.inChange(change, caller, { keyId, reason }),
    undo: null,
    asksPolicies: { apply: true, undo: false },
  },
  REVOKE: {
    apply: (change, caller, { keyId, reason }) => revokeKey.inChange(change, caller, { keyId, reason }),
    undo: null,
    asksPolicies: { apply: false, undo: false },
  },
  RENEW: {
    // No caller could be shown a new secret: a renewal that needs one fails with RotationRequired.
    apply: (change, caller, { keyId, values: { lifetimeMs } }) =>
      renewKey.inChange(change, caller, {
        keyId,
        ask: lifetimeMs === null ? null : { lifetimeMs },
        accept: ['EXTEND'],
        gracePeriodMs: null,
        publicKey: null,
      }),
    undo: null,
    asksPolicies: { apply: true, undo: false },
  },
  ASK_ROTATION: {
    async apply(change, caller, { keyId, reason, values: { gracePeriodMs = null } }) {
      const asked = await askRotation.inChange(change, caller, { keyId, reason, gracePeriodMs });
      return isFailure(asked) ? asked : { keyId, before: askedBeforeOf(asked) };
    },
    async undo(change, caller, { keyId, reason, before }) {
      // An operation of an earlier release did not store its request.
      const asked = before !== null && 'askedAt' in before ? before : null;
      const request = asked && {
        askedAt: new Date(asked.askedAt),
        previous: await askedToRestore(change.tx, keyId, asked),
      };
      return withdrawRotation.inChange(change, caller, { keyId, reason, request });
    },
    asksPolicies: { apply: false, undo: false },
  },
  LABEL: {
    apply: (change, caller, { keyId, values: { labels, removeLabels } }) =>
      updateKey.inChange(change, caller, { keyId, setLabels: labels, removeLabels }),
    async undo(change, caller, { keyId, operationId, values, before }) {
      const labels = before !== null && 'askedAt' in before ? null : before;
      const restored = await labelsToRestore(change.tx, { keyId, operationId, values, before: labels });
      if (restored === 'NOT_RECORDED') {
        return fail(
          'OperationStateMismatch',
          'Neither the operation nor the log has recorded which labels the key had before, so they stay as they are.',
          { remedy: 'Change the labels of the key.' },
        );
      }
      return restored === null ? { keyId } : updateKey.inChange(change, caller, { keyId, ...restored });
    },
    asksPolicies: { apply: false, undo: false },
  },
  TRANSFER: {
    apply: (change, caller, { keyId, reason, values: { owner } }) =>
      transferKey.inChange(change, caller, { keyId, owner: owner ?? '', reason }),
    undo: null,
    asksPolicies: { apply: false, undo: false },
  },
};

/** Returns what an operation of this kind does to a key. */
export function keyChangeOf(kind: string): KeyChangeRow {
  return keyChanges[kind as KeyChangeKind];
}

/** The values that this release reads of a change. */
const valueNames: (keyof ChangeValues)[] = ['labels', 'removeLabels', 'owner', 'lifetimeMs', 'gracePeriodMs'];

/**
 * The condition on rows of "Operation" that this release knows all that they do to their keys. A newer release may store a kind
 * or a value that it does not: without that value it would do something else to the keys.
 */
export const knownChanges = Prisma.sql`kind = ANY(${Object.keys(keyChanges)})
  AND CASE WHEN jsonb_typeof(change) = 'object' THEN change - ${valueNames}::text[] = '{}' ELSE false END`;

/** Returns whether an operation of this kind can be undone. */
export function isUndoable(kind: string): boolean {
  return Object.hasOwn(keyChanges, kind) && keyChangeOf(kind).undo !== null;
}

/** Returns whether an operation can be undone now: it has changed keys, or may have, and they were not all restored. */
export function canUndo({ kind, state }: Pick<Operation, 'kind' | 'state'>): boolean {
  return isUndoable(kind) && state !== 'AWAITING_APPROVAL' && state !== 'UNDONE';
}
