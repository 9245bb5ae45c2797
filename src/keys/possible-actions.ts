import type { Caller } from '../domain/caller.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { keyActionCapabilities, keyActions, type KeyAction } from '../domain/key-action.ts';
import { may } from '../domain/permission.ts';
import { RequestError } from '../domain/request-error.ts';
import {
  checkConfirmation,
  checkNewSecret,
  checkNotEnded,
  checkRenewal,
  checkResumption,
  checkRotation,
  checkTransfer,
  checkUndo,
  isHeldBySource,
  isRevocable,
} from './action-checks.ts';
import { keyTargetOf } from './key-row.ts';
import type { StatefulKey } from './lock-key-for-caller.ts';
import { refuseOrphan, type ParentLife } from './parent-limits.ts';

/** A key with the one that issued it. */
export type ActionKey = StatefulKey & { readonly parent: ParentLife | null };

/** Whether the state of a key lets a caller do something that changes it. A failure, null aside, and false mean no. */
const checks: Readonly<Record<KeyAction, (caller: Caller, key: ActionKey) => Failure | object | boolean | null>> = {
  RENEW: (caller, key) => checkRenewal(caller, key) ?? refuseOrphan(key.parent, caller, key.now),
  // Without a grace period, which a held key needs.
  ROTATE: (caller, key) => checkRotation(caller, key, 0) ?? checkNewSecret(caller, key),
  CONFIRM_ROTATION: checkConfirmation,
  UNDO_ROTATION: checkUndo,
  UPDATE: checkNotEnded,
  TRANSFER: checkTransfer,
  HOLD: (caller, key) => checkNotEnded(caller, key) ?? !isHeldBySource(caller, key, null),
  RESUME: checkResumption,
  REVOKE: isRevocable,
};

/**
 * Lists what a caller can do with a key now, by the permissions and the key's state: what the mutations would not refuse,
 * and what would change the key.
 */
export function listPossibleActions(caller: Caller, key: ActionKey): KeyAction[] {
  const target = keyTargetOf(key);
  if (!may(caller, 'key.read', target)) return [];
  return keyActions.filter(
    (action) => may(caller, keyActionCapabilities[action], target) && isPossible(checks[action], caller, key),
  );
}

function isPossible(check: (typeof checks)[KeyAction], caller: Caller, key: ActionKey): boolean {
  try {
    const result = check(caller, key);
    return typeof result === 'object' ? result === null || !isFailure(result) : result;
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}
