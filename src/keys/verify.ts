import { forbidden } from '../domain/request-error.ts';
import type { Caller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { may } from '../domain/permission.ts';
import { parseSecret } from '../domain/secret.ts';
import { outcomeOf, outcomeMessages, type Outcome, type Purpose } from '../domain/verification.ts';
import type { Core } from '../store/core.ts';
import { consumerLabelOf } from './consumer-label.ts';
import { findBySecret, type FoundKey } from './find-by-secret.ts';
import { recordCallerUse } from './record-caller-use.ts';
import type { UseRecorder } from './use-recorder.ts';

export interface VerifyKeyInput {
  readonly secret: string;
  /** Null: nothing was said of what the key is to be used for, and scopes are not checked. */
  readonly purpose: Purpose | null;
  /** Where the secret was seen, as the verifier labels it. */
  readonly consumer: string | null;
}

/** The answer of a verification. Of a key that is unknown in the caller's realm it says nothing. */
export interface Verification {
  readonly outcome: Outcome;
  readonly key: FoundKey | null;
  readonly scopeChecked: boolean;
  readonly stopsAt: Date | null;
  readonly renewalDue: boolean;
  readonly message: string;
}

/**
 * Whether a secret is good, and good for that. State codes are given only for a whole secret of the caller's realm; all
 * else is KEY_UNKNOWN, byte for byte alike. Use is noted in passing and written later: verification waits for nothing.
 */
export async function verifyKey(
  core: Core & { readonly uses: UseRecorder },
  caller: Caller,
  { secret: text, purpose, consumer }: VerifyKeyInput,
): Promise<Verification> {
  if (!mayVerify(caller)) {
    throw forbidden('Only keys with the scope keytide:verify, and administrators, may ask whether a key is good.');
  }
  const secret = parseSecret(text);
  const found = secret === null ? null : await findBySecret(core, secret);
  const now = core.clock.now();
  // A key that shows a secret of its own asks about itself.
  const isItself = caller.kind === 'KEY' && found?.id === caller.id;
  if (caller.kind === 'KEY' && !isItself) recordCallerUse(core.uses, caller, now);
  if (found === null || !may(caller, 'key.verify', { realmId: found.realmId })) return keyUnknown(purpose);
  const outcome = outcomeOf(found, purpose, now);
  const seen = {
    secretId: found.secretId,
    keyId: found.id,
    consumer: consumer ?? consumerLabelOf(found.labels),
    at: now,
  };
  if (outcome === 'VALID' && !isItself) core.uses.record(seen, { isFirst: found.firstUsedAt === null });
  if (outcome === 'SECRET_RETIRED') core.uses.recordReuse(seen);
  return {
    outcome,
    key: found,
    scopeChecked: purpose !== null,
    stopsAt: found.stopsAt,
    renewalDue: outcome === 'VALID' && hasCome(found.renewalDueAt, now),
    message: outcomeMessages[outcome],
  };
}

function mayVerify(caller: Caller): boolean {
  return may(caller, 'key.verify', caller.kind === 'KEY' ? { realmId: caller.realmId } : {});
}

function keyUnknown(purpose: Purpose | null): Verification {
  const message = outcomeMessages.KEY_UNKNOWN;
  return {
    outcome: 'KEY_UNKNOWN',
    key: null,
    scopeChecked: purpose !== null,
    stopsAt: null,
    renewalDue: false,
    message,
  };
}
