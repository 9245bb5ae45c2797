import { forbidden } from '../domain/request-error.ts';
import type { Caller, TrustedListener } from '../domain/caller.ts';
import { brownoutAt } from '../domain/brownout.ts';
import { hasCome } from '../domain/key.ts';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import { may } from '../domain/permission.ts';
import { messageOf, outcomeMessages } from '../domain/outcome-message.ts';
import { describeWarnings, noWarnings, type VerificationWarning } from '../domain/verification-warning.ts';
import type { Outcome, Purpose } from '../domain/verification.ts';
import type { Core } from '../store/core.ts';
import { consumerLabelOf } from '../domain/consumer-label.ts';
import type { AddresslessVerifiers } from './addressless-verifiers.ts';
import { decideOutcome, type DecisionServices, type SecretDecision } from './decide-outcome.ts';
import { recordCallerUse, recordRefusal } from './record-caller-use.ts';
import type { FoundKey } from '../verifier/stored-secret.ts';
import type { UseRecorder } from './use-recorder.ts';

export interface VerifyKeyInput {
  readonly secret: string;
  /** What the key is to be used for; null: not stated, and scopes are not checked. */
  readonly purpose: Purpose | null;
  /** The consumer, as the verifier labels it; null: it names none. */
  readonly consumer: string | null;
  /** The address of who presented the secret, as the verifier reports it; null: it reports none. */
  readonly address?: string | null;
  /** The only realm whose keys are verified. Default: every realm that the caller may verify keys of. */
  readonly realmId?: string;
}

export type VerifyingServices = Core &
  DecisionServices & { readonly uses: UseRecorder; readonly addressless?: AddresslessVerifiers };

/** The result of a verification. It reveals nothing of a key that is unknown in the caller's realm. */
export interface Verification {
  readonly outcome: Outcome;
  readonly key: FoundKey | null;
  readonly scopeChecked: boolean;
  readonly stopsAt: Date | null;
  readonly renewalDue: boolean;
  readonly message: string;
  /** Announced changes that will stop the key. Empty unless the outcome is VALID. */
  readonly warnings: readonly VerificationWarning[];
  /** When the brownout is over; null: the outcome is not BROWNOUT. */
  readonly brownoutEndsAt: Date | null;
  /** It counts all changes up to this moment. */
  readonly asOf: Date;
}

/**
 * Verifies a secret, and whether its key may be used for a purpose. State codes are returned only for a whole secret of
 * the caller's realm; everything else is KEY_UNKNOWN, identical byte for byte. Use is recorded in memory and written
 * later: verification never waits for a write. What the node may answer from memory is returned at once, else a promise.
 *
 * @throws FORBIDDEN unless the caller may verify keys, of that realm if the input names one.
 */
export function verifyKey(
  core: VerifyingServices,
  caller: Caller | TrustedListener,
  input: VerifyKeyInput,
): MaybePromise<Verification> {
  const { realmId } = input;
  if (!mayVerify(caller, realmId)) {
    throw forbidden('Only keys with the scope keytide:verify, and administrators, may verify keys.');
  }
  const mayKnow = (key: FoundKey) =>
    (realmId === undefined || key.realmId === realmId) && may(caller, 'key.verify', { realmId: key.realmId });
  const foreignRealm = realmId ?? (caller.kind === 'KEY' || caller.kind === 'LISTENER' ? caller.realmId : null);
  return continueWith(
    decideOutcome(core, input.secret, input.purpose, mayKnow, input.address ?? null, foreignRealm),
    (decision) => recordVerification(core, caller, input, decision),
  );
}

/** Records the use that a decision means, and returns the answer for the verifier. */
function recordVerification(
  { uses, addressless }: VerifyingServices,
  caller: Caller | TrustedListener,
  { purpose, consumer, address }: VerifyKeyInput,
  { outcome, found, now, asOf }: SecretDecision,
): Verification {
  // A key that verifies its own secret reads its own state: this is not use.
  const isItself = caller.kind === 'KEY' && found?.id === caller.id;
  if (caller.kind === 'KEY' && !isItself) recordCallerUse(uses, caller, now);
  if (found === null) return keyUnknown(purpose, asOf);
  if (address == null && !isItself) addressless?.note(found.realmId, verifierIdOf(caller), now);
  const usedBy = consumer ?? consumerLabelOf(found.labels);
  if (outcome === 'VALID' && !isItself) uses.record(found, usedBy, now, { isFirst: found.firstUsedAt === null });
  if (outcome === 'SECRET_RETIRED') uses.recordReuse(found, usedBy, now);
  if (!isItself) recordRefusal(uses, outcome, found, usedBy, now);
  return {
    outcome,
    key: found,
    scopeChecked: purpose !== null,
    stopsAt: found.stopsAt,
    renewalDue: outcome === 'VALID' && hasCome(found.renewalDueAt, now),
    message: messageOf(outcome, found, purpose, now),
    warnings: outcome === 'VALID' ? describeWarnings(found.warnings) : noWarnings,
    brownoutEndsAt: outcome === 'BROWNOUT' ? endOfBrownout(found, now) : null,
    asOf,
  };
}

/** Returns the id of who verifies; empty: a proxy that the configuration trusts. */
function verifierIdOf(caller: Caller | TrustedListener): string {
  return caller.kind === 'KEY' || caller.kind === 'ACCOUNT' ? caller.id : '';
}

function mayVerify(caller: Caller | TrustedListener, realmId: string | undefined): boolean {
  const asked = realmId ?? (caller.kind === 'KEY' || caller.kind === 'LISTENER' ? caller.realmId : undefined);
  return may(caller, 'key.verify', asked === undefined ? {} : { realmId: asked });
}

function endOfBrownout({ brownouts }: FoundKey, now: Date): Date | null {
  const brownout = brownoutAt(brownouts, now);
  return brownout === null ? null : new Date(brownout.to);
}

function keyUnknown(purpose: Purpose | null, asOf: Date): Verification {
  const message = outcomeMessages.KEY_UNKNOWN;
  return {
    outcome: 'KEY_UNKNOWN',
    key: null,
    scopeChecked: purpose !== null,
    stopsAt: null,
    renewalDue: false,
    message,
    warnings: noWarnings,
    brownoutEndsAt: null,
    asOf,
  };
}
