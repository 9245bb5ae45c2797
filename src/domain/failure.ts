/**
 * What a caller can get wrong and act on: one row a failure. `message` says what was found and what was expected, `remedy`
 * what to do. `retry` tells automation whether the same request can succeed later by itself.
 */
interface FailureRow {
  readonly code: string;
  readonly retry: 'NEVER' | 'LATER';
  readonly remedy: string;
  /** The facts that it gives beside its message; each may be unknown. */
  readonly details?: { readonly [name: string]: 'INSTANT' | 'STATE' | 'DURATION' | 'ISSUES' | 'TOKEN_PROBLEM' };
}

export const failures = {
  ExpiryOutOfBounds: {
    code: 'EXPIRY_OUT_OF_BOUNDS',
    retry: 'NEVER',
    remedy: 'Ask for an expiry between earliest and latest.',
    details: { earliest: 'INSTANT', latest: 'INSTANT' },
  },
  ScopeNotAllowed: {
    code: 'SCOPE_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Ask for scopes of the realm’s catalogue, within what you may give.',
  },
  KeyNotFound: {
    code: 'KEY_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you are signed in as someone who may see the key.',
  },
  KeyNotActive: {
    code: 'KEY_NOT_ACTIVE',
    retry: 'NEVER',
    remedy:
      'Resume a held key, or rotate it first, with a grace of 0; renew an expired one within 30 days; replace a revoked one.',
    details: { state: 'STATE' },
  },
  KeyNotHeld: { code: 'KEY_NOT_HELD', retry: 'NEVER', remedy: 'Nothing needs to be resumed.' },
  HoldNotYours: { code: 'HOLD_NOT_YOURS', retry: 'NEVER', remedy: 'Ask an administrator to resume the key.' },
  RenewalNotAllowed: {
    code: 'RENEWAL_NOT_ALLOWED',
    retry: 'LATER',
    remedy: 'Ask again at allowedAt, where it is told; with the current secret, where an older one was shown.',
    details: { allowedAt: 'INSTANT' },
  },
  RotationRequired: {
    code: 'ROTATION_REQUIRED',
    retry: 'NEVER',
    remedy: 'Repeat with accept: [EXTEND, ROTATE] and be ready to store a new secret.',
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
    remedy: 'Nothing is pending; rotate the key first.',
  },
  GracePeriodOutOfBounds: {
    code: 'GRACE_PERIOD_OUT_OF_BOUNDS',
    retry: 'NEVER',
    remedy: 'Give a grace period within the bounds.',
  },
  PublicKeyInvalid: {
    code: 'PUBLIC_KEY_INVALID',
    retry: 'NEVER',
    remedy: 'Send a public JWK as JSON text: OKP X25519 or EC P-256.',
  },
  IdempotencyConflict: {
    code: 'IDEMPOTENCY_CONFLICT',
    retry: 'NEVER',
    remedy: 'Use a new idempotency key for a new request.',
  },
  PolicyNotFound: {
    code: 'POLICY_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Ask for `policies`: those are the modules that are loaded.',
  },
  InvalidPolicyConfig: {
    code: 'INVALID_POLICY_CONFIG',
    retry: 'NEVER',
    remedy: 'Follow the module’s configSchema.',
    details: { issues: 'ISSUES' },
  },
  BindingNotFound: { code: 'BINDING_NOT_FOUND', retry: 'NEVER', remedy: 'Ask for the realm’s bindings.' },
  NoticeTooShort: {
    code: 'NOTICE_TOO_SHORT',
    retry: 'NEVER',
    remedy: 'Give at least that much notice, or say in withoutNoticeReason why not.',
    details: { required: 'DURATION' },
  },
  PreviewOutdated: {
    code: 'PREVIEW_OUTDATED',
    retry: 'NEVER',
    remedy: 'Ask for the preview again, look at it, and repeat with its token.',
  },
  BrakeNotFound: { code: 'BRAKE_NOT_FOUND', retry: 'NEVER', remedy: 'Ask for the realm’s brakes.' },
  RealmNotFound: { code: 'REALM_NOT_FOUND', retry: 'NEVER', remedy: 'Check the realm’s slug.' },
  RealmExists: { code: 'REALM_EXISTS', retry: 'NEVER', remedy: 'Choose another slug.' },
  ActionNotFound: { code: 'ACTION_NOT_FOUND', retry: 'NEVER', remedy: 'Check the realm’s catalogue.' },
  ActionExists: { code: 'ACTION_EXISTS', retry: 'NEVER', remedy: 'Use the action that is there.' },
  OwnerNotFound: { code: 'OWNER_NOT_FOUND', retry: 'NEVER', remedy: 'Name your account or an organization of yours.' },
  OwnerNotActive: { code: 'OWNER_NOT_ACTIVE', retry: 'NEVER', remedy: 'Choose an owner whose account is open.' },
  OrganizationNotFound: {
    code: 'ORGANIZATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you belong to it.',
  },
  AccountNotFound: { code: 'ACCOUNT_NOT_FOUND', retry: 'NEVER', remedy: 'Check the id.' },
  LastOwner: { code: 'LAST_OWNER', retry: 'NEVER', remedy: 'Make someone else an OWNER first.' },
  LastAdministrator: { code: 'LAST_ADMINISTRATOR', retry: 'NEVER', remedy: 'Invite another administrator first.' },
  WebhookNotFound: {
    code: 'WEBHOOK_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you manage the owner that it belongs to.',
  },
  WebhookNotActive: {
    code: 'WEBHOOK_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: 'Resume one that is paused; make another one in place of one that has ended.',
  },
  WebhookUrlNotAllowed: {
    code: 'WEBHOOK_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Give an https URL of the public internet; for others ask whoever runs the gateway to allow its host.',
  },
  TooManyWebhooks: {
    code: 'TOO_MANY_WEBHOOKS',
    retry: 'NEVER',
    remedy: 'Delete one that is no longer needed.',
  },
  IssuerNotFound: {
    code: 'ISSUER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Ask for the realm’s issuers.',
  },
  IssuerExists: {
    code: 'ISSUER_EXISTS',
    retry: 'NEVER',
    remedy: 'Change the one that is there, or choose another audience.',
  },
  IssuerUrlNotAllowed: {
    code: 'ISSUER_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Import its key set, or ask whoever runs the gateway to allow its host.',
  },
  TooManyIssuers: { code: 'TOO_MANY_ISSUERS', retry: 'NEVER', remedy: 'Distrust one that is no longer needed.' },
  TokenRuleNotFound: {
    code: 'TOKEN_RULE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Ask for the rules of the realm’s issuers.',
  },
  TokenRuleNotPinned: {
    code: 'TOKEN_RULE_NOT_PINNED',
    retry: 'NEVER',
    remedy: 'Names are given to others when they are free again: ask for an id too, by equals.',
  },
  TooManyTokenRules: {
    code: 'TOO_MANY_TOKEN_RULES',
    retry: 'NEVER',
    remedy: 'Remove one that is no longer needed, or have one cover more.',
  },
  TokenNotAccepted: {
    code: 'TOKEN_NOT_ACCEPTED',
    retry: 'NEVER',
    remedy: 'Get a new token for the realm’s audience; its administrators can have a token explained.',
    details: { problem: 'TOKEN_PROBLEM' },
  },
  InvalidCredentials: { code: 'INVALID_CREDENTIALS', retry: 'NEVER', remedy: 'Check the email and the password.' },
  DeviceNotFound: {
    code: 'DEVICE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Type the code that the terminal shows; after 10 minutes let it ask anew.',
  },
  PasswordNotAllowed: { code: 'PASSWORD_NOT_ALLOWED', retry: 'NEVER', remedy: 'Choose another password.' },
  InvitationNotFound: {
    code: 'INVITATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Ask for a new invitation: each works once, for 7 days.',
  },
  EmailTaken: { code: 'EMAIL_TAKEN', retry: 'NEVER', remedy: 'Sign in with the account that has this email.' },
} as const satisfies Record<string, FailureRow>;

/** What is wrong at one place of a configuration. */
export interface ConfigIssue {
  readonly path: readonly string[];
  readonly message: string;
}

export type FailureName = keyof typeof failures;

/** The facts that a failure gives beside its message, by name. */
export function detailsOf(name: FailureName): NonNullable<FailureRow['details']> {
  const row: FailureRow = failures[name];
  return row.details ?? {};
}

/** A failure as a use case answers it: data, not an exception. Nothing was changed. */
export interface Failure<Name extends FailureName = FailureName> {
  readonly failure: Name;
  readonly code: string;
  readonly message: string;
  /** Which part of the input it is about. */
  readonly path: readonly string[] | null;
  /** Facts of this failure, such as earliest and latest; instants end in At. */
  readonly details: { readonly [name: string]: Date | string | number | readonly ConfigIssue[] | null };
}

/** Says what went wrong: what was found and expected, then the remedy of the table. */
export function fail<Name extends FailureName>(
  name: Name,
  found: string,
  more: { path?: readonly string[]; details?: Failure['details'] } = {},
): Failure<Name> {
  const { code, remedy } = failures[name];
  return { failure: name, code, message: `${found} ${remedy}`, path: more.path ?? null, details: more.details ?? {} };
}

export function isFailure(answer: object): answer is Failure {
  return 'failure' in answer;
}
