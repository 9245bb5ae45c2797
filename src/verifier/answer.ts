import { outcomeMessages } from '../domain/outcome-message.ts';
import { noWarnings, type VerificationWarning } from '../domain/verification-warning.ts';
import type { Outcome, Purpose } from '../domain/verification.ts';
import type { GatewayAnswer } from './gateway-requests.ts';

/** The answer about a secret. Answers share their keys and dates: copy a date before you change it. */
export interface VerifierAnswer {
  /** UNAVAILABLE: neither the verifier nor the gateway knows. It is not a refusal: answer 503. */
  readonly outcome: Outcome | 'UNAVAILABLE';
  readonly message: string;
  readonly stopsAt: Date | null;
  readonly renewalDue: boolean;
  readonly scopeChecked: boolean;
  /** Announced changes that will stop the key. Empty unless the outcome is VALID. */
  readonly warnings: readonly VerificationWarning[];
  /** When the brownout is over; null: the outcome is not BROWNOUT. */
  readonly brownoutEndsAt: Date | null;
  readonly key: VerifiedKey | null;
  /** The answer counts all changes up to this moment; null: unknown. */
  readonly asOf: Date | null;
}

export interface VerifiedKey {
  readonly id: string;
  readonly realm: string;
  readonly ownerId: string;
  /** The subject that owns the key, by the API's id for it; null: no subject owns it. */
  readonly subject: { readonly externalId: string } | null;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly scopes: readonly { readonly action: string; readonly resource: string }[];
}

/** Returns the answer that knows no key. */
export function answerWithout(outcome: 'KEY_UNKNOWN' | 'UNAVAILABLE', purpose: Purpose | null): VerifierAnswer {
  const message =
    outcome === 'UNAVAILABLE'
      ? 'The verification is unavailable. Keep the key and try again.'
      : outcomeMessages.KEY_UNKNOWN;
  return {
    outcome,
    message,
    stopsAt: null,
    renewalDue: false,
    scopeChecked: purpose !== null,
    warnings: noWarnings,
    brownoutEndsAt: null,
    key: null,
    asOf: null,
  };
}

/** Returns the answer that the gateway has given. */
export function toAnswer(answer: GatewayAnswer): VerifierAnswer {
  const {
    outcome,
    message,
    stopsAt,
    renewalDue,
    scopeChecked,
    warnings = [],
    brownoutEndsAt = null,
    key,
    asOf,
  } = answer;
  return {
    outcome,
    message,
    stopsAt: stopsAt === null ? null : new Date(stopsAt),
    renewalDue,
    scopeChecked,
    warnings: warnings.map(({ code, message, from }) => ({ code, message, from: new Date(from) })),
    brownoutEndsAt: brownoutEndsAt === null ? null : new Date(brownoutEndsAt),
    key: key && {
      id: key.id,
      realm: key.realm,
      ownerId: key.ownerId,
      subject: key.subject ?? null,
      labels: key.labels,
      scopes: key.scopes,
    },
    asOf: new Date(asOf),
  };
}
