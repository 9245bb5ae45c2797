import { describeDuration } from './duration.ts';
import { REVIVAL_MS } from './life.ts';
/**
 * A failure that the caller of a mutation can act on. The use case's message says what was found and what was expected, `remedy`
 * what to do. `retry` tells automation whether the same request can succeed later without a change.
 */
interface FailureRow {
  readonly code: string;
  readonly retry: 'NEVER' | 'LATER';
  readonly remedy: string;
  /** The facts that the failure gives besides its message. Each may be null. */
  readonly details?: { readonly [name: string]: 'INSTANT' | 'STATE' | 'DURATION' | 'ISSUES' | 'TOKEN_PROBLEM' };
}

export const failures = {
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
  PolicyNotFound: {
    code: 'POLICY_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query `policies` for the loaded modules.',
  },
  InvalidPolicyConfig: {
    code: 'INVALID_POLICY_CONFIG',
    retry: 'NEVER',
    remedy: 'Change the configuration to match the module’s configSchema.',
    details: { issues: 'ISSUES' },
  },
  BindingNotFound: { code: 'BINDING_NOT_FOUND', retry: 'NEVER', remedy: 'Query the realm’s bindings.' },
  NoticeTooShort: {
    code: 'NOTICE_TOO_SHORT',
    retry: 'NEVER',
    remedy: 'Give at least the required notice, or a written reason in withoutNoticeReason.',
    details: { required: 'DURATION' },
  },
  PreviewOutdated: {
    code: 'PREVIEW_OUTDATED',
    retry: 'NEVER',
    remedy: 'Request the preview again, check it, and retry with its token.',
  },
  BrakeNotFound: { code: 'BRAKE_NOT_FOUND', retry: 'NEVER', remedy: 'Query the realm’s brakes.' },
  RealmNotFound: { code: 'REALM_NOT_FOUND', retry: 'NEVER', remedy: 'Check the realm’s slug.' },
  RealmExists: { code: 'REALM_EXISTS', retry: 'NEVER', remedy: 'Choose another slug.' },
  SecretPrefixTaken: {
    code: 'SECRET_PREFIX_TAKEN',
    retry: 'NEVER',
    remedy: 'Choose another prefix. A prefix belongs to one realm for ever, even if that realm no longer uses it.',
  },
  ActionNotFound: { code: 'ACTION_NOT_FOUND', retry: 'NEVER', remedy: 'Check the name in the realm’s catalogue.' },
  ActionExists: { code: 'ACTION_EXISTS', retry: 'NEVER', remedy: 'Use the existing action.' },
  OwnerNotFound: {
    code: 'OWNER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Give the id of your account or of one of your organizations.',
  },
  OwnerNotActive: {
    code: 'OWNER_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: 'Choose an owner whose account is not disabled.',
  },
  SubjectNotFound: {
    code: 'SUBJECT_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the external id, which is compared exactly, or make the subject with upsertSubject.',
  },
  SubjectNotActive: { code: 'SUBJECT_NOT_ACTIVE', retry: 'NEVER', remedy: 'Enable the subject first.' },
  OrganizationNotFound: {
    code: 'ORGANIZATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you are a member of the organization.',
  },
  AccountNotFound: { code: 'ACCOUNT_NOT_FOUND', retry: 'NEVER', remedy: 'Check the id.' },
  LastOwner: { code: 'LAST_OWNER', retry: 'NEVER', remedy: 'Give another member the role OWNER first.' },
  LastAdministrator: { code: 'LAST_ADMINISTRATOR', retry: 'NEVER', remedy: 'Invite another administrator first.' },
  WebhookNotFound: {
    code: 'WEBHOOK_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you manage the owner of the webhook.',
  },
  WebhookNotActive: {
    code: 'WEBHOOK_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: 'If it is paused, resume it. If it has ended, create a new webhook.',
  },
  WebhookUrlNotAllowed: {
    code: 'WEBHOOK_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Give an https URL on the public internet, or ask the operator of the gateway to allow its host.',
  },
  TooManyWebhooks: {
    code: 'TOO_MANY_WEBHOOKS',
    retry: 'NEVER',
    remedy: 'Delete a webhook that is no longer needed.',
  },
  IssuerNotFound: {
    code: 'ISSUER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query the realm’s issuers.',
  },
  IssuerExists: {
    code: 'ISSUER_EXISTS',
    retry: 'NEVER',
    remedy: 'Update the existing issuer, or choose another audience.',
  },
  IssuerUrlNotAllowed: {
    code: 'ISSUER_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Import the issuer’s key set, or ask the operator of the gateway to allow its host.',
  },
  TooManyIssuers: { code: 'TOO_MANY_ISSUERS', retry: 'NEVER', remedy: 'Distrust an issuer that is no longer needed.' },
  TokenRuleNotFound: {
    code: 'TOKEN_RULE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query the rules of the realm’s issuers.',
  },
  TokenRuleNotPinned: {
    code: 'TOKEN_RULE_NOT_PINNED',
    retry: 'NEVER',
    remedy: 'Add a condition on an id with equals: a name that becomes free can be taken by someone else.',
  },
  TooManyTokenRules: {
    code: 'TOO_MANY_TOKEN_RULES',
    retry: 'NEVER',
    remedy: 'Remove a rule that is no longer needed, or let one rule cover more cases.',
  },
  TokenNotAccepted: {
    code: 'TOKEN_NOT_ACCEPTED',
    retry: 'NEVER',
    remedy: 'Request a new token with the realm’s audience. Administrators can find the cause with explainToken.',
    details: { problem: 'TOKEN_PROBLEM' },
  },
  ConfirmationNotValid: {
    code: 'CONFIRMATION_NOT_VALID',
    retry: 'NEVER',
    remedy: 'Make the dry run again, check it, and confirm it within 15 minutes.',
  },
  OperationNotFound: {
    code: 'OPERATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you manage the realm or the organization of the operation.',
  },
  OperationStateMismatch: {
    code: 'OPERATION_STATE_MISMATCH',
    retry: 'NEVER',
    remedy: 'Query the state of the operation.',
  },
  InvalidCredentials: {
    code: 'INVALID_CREDENTIALS',
    retry: 'NEVER',
    remedy: 'Check the email address and the password.',
  },
  DeviceNotFound: {
    code: 'DEVICE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Enter the code that the terminal shows. If it is older than 10 minutes, request a new one.',
  },
  PasswordNotAllowed: { code: 'PASSWORD_NOT_ALLOWED', retry: 'NEVER', remedy: 'Choose another password.' },
  InvitationNotFound: {
    code: 'INVITATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Request a new invitation: each can be used once, within 7 days.',
  },
  EmailTaken: { code: 'EMAIL_TAKEN', retry: 'NEVER', remedy: 'Sign in to the account with this email address.' },
} as const satisfies Record<string, FailureRow>;

/** A problem at one path of a configuration. */
export interface ConfigIssue {
  readonly path: readonly string[];
  readonly message: string;
}

export type FailureName = keyof typeof failures;

/** Returns the names and types of the facts that a failure gives besides its message. */
export function detailsOf(name: FailureName): NonNullable<FailureRow['details']> {
  const row: FailureRow = failures[name];
  return row.details ?? {};
}

/** A failure as a use case returns it: data, not an exception. The use case has changed nothing. */
export interface Failure<Name extends FailureName = FailureName> {
  readonly failure: Name;
  readonly code: string;
  readonly message: string;
  /** The path of the input that caused it; null: no single one. */
  readonly path: readonly string[] | null;
  /** The facts of this failure, such as earliest and latest. */
  readonly details: { readonly [name: string]: Date | string | number | readonly ConfigIssue[] | null };
}

/**
 * Creates a failure. Its message is what was found and what was expected, then what to do: `remedy`, if the remedy depends on
 * the case, else the remedy of the table.
 */
export function fail<Name extends FailureName>(
  name: Name,
  found: string,
  more: { path?: readonly string[]; details?: Failure['details']; remedy?: string } = {},
): Failure<Name> {
  const { code, remedy: usualRemedy } = failures[name];
  const remedy = more.remedy ?? usualRemedy;
  return { failure: name, code, message: `${found} ${remedy}`, path: more.path ?? null, details: more.details ?? {} };
}

export function isFailure(result: object): result is Failure {
  return 'failure' in result;
}
