import { describeDuration } from './duration.ts';
import type { FailureRow } from './failure-row.ts';
import { REVIVAL_MS } from './life.ts';

/** Failures of changes of keys, their secrets and their repetition. */
export const keyFailures = {
  ExpiryOutOfBounds: {
    code: 'EXPIRY_OUT_OF_BOUNDS',
    retry: 'NEVER',
    remedy: 'Request an expiry between earliest and latest.',
    details: { earliest: 'INSTANT', latest: 'INSTANT' },
  },
  ScopeNotAllowed: {
    code: 'SCOPE_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Request scopes from the realm’s catalogue that you may grant.',
  },
  KeyNotFound: {
    code: 'KEY_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that your account or key may see this key.',
  },
  KeyNotActive: {
    code: 'KEY_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: `If it is held, resume it, or rotate it first with a grace period of 0. If it expired, renew it within ${describeDuration(REVIVAL_MS)}. If it was revoked, issue a new key.`,
    details: { state: 'STATE' },
  },
  AlreadyAdopted: {
    code: 'ALREADY_ADOPTED',
    retry: 'NEVER',
    remedy: 'Refuse the secret: the key has another one. If that is wrong, rotate the key.',
  },
  SecretNotAccepted: {
    code: 'SECRET_NOT_ACCEPTED',
    retry: 'NEVER',
    remedy: 'Check foreignSecrets of the realm, and that the secret is whole and that of this key.',
  },
  KeyNotHeld: { code: 'KEY_NOT_HELD', retry: 'NEVER', remedy: 'No action is needed.' },
  HoldNotYours: { code: 'HOLD_NOT_YOURS', retry: 'NEVER', remedy: 'Ask an administrator to resume the key.' },
  RenewalNotAllowed: {
    code: 'RENEWAL_NOT_ALLOWED',
    retry: 'LATER',
    remedy: 'Retry at allowedAt, if it is given. If you sent an older secret, retry with the current one.',
    details: { allowedAt: 'INSTANT' },
  },
  RotationRequired: {
    code: 'ROTATION_REQUIRED',
    retry: 'NEVER',
    remedy: 'Retry with accept: [EXTEND, ROTATE], and be ready to store a new secret.',
  },
  RotationPending: {
    code: 'ROTATION_PENDING',
    retry: 'LATER',
    remedy: 'Confirm or undo the pending rotation, or wait until previousRetiresAt.',
    details: { previousRetiresAt: 'INSTANT' },
  },
  RotationNotPending: {
    code: 'ROTATION_NOT_PENDING',
    retry: 'NEVER',
    remedy: 'Rotate the key first.',
  },
  GracePeriodOutOfBounds: {
    code: 'GRACE_PERIOD_OUT_OF_BOUNDS',
    retry: 'NEVER',
    remedy: 'Request a grace period within the bounds.',
  },
  PublicKeyInvalid: {
    code: 'PUBLIC_KEY_INVALID',
    retry: 'NEVER',
    remedy: 'Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
  },
  IdempotencyConflict: {
    code: 'IDEMPOTENCY_CONFLICT',
    retry: 'NEVER',
    remedy: 'Use a new idempotency key for each new request.',
  },
} as const satisfies Record<string, FailureRow>;
