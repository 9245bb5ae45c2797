import type { FailureName, failures } from '../domain/failure.ts';

/** What each failure means, for the schema. Its message and remedy are in `failures`. */
export const failureDescriptions: Readonly<Record<FailureName, string>> = {
  ExpiryOutOfBounds:
    'The requested expiry lies outside what the policies, the realm, or a parent or child key allow. It is refused, never adjusted.',
  ScopeNotAllowed:
    'A scope names an action that the realm does not have, or is wider than what the caller may give or the key may hold.',
  KeyNotFound: 'No key has this id or secret, or the caller may not see it.',
  KeyNotActive: 'The state of the key, or of the secret given, does not allow this change.',
  AlreadyAdopted: 'The announced key was adopted with another secret.',
  SecretNotAccepted:
    'The realm does not accept the secret: it has another form than the foreign secrets of the realm, or it cannot be that of this key.',
  KeyNotHeld: 'The key has no hold that could be lifted.',
  HoldNotYours:
    'The caller may not lift the holds of this key: an administrator, or the API that manages it, placed them, or its subject is disabled.',
  RenewalNotAllowed:
    'The key cannot be renewed now: a policy forbids it, an older secret was used, the parent key has ended, the renewal would end in the past, or the key was issued in exchange for a token.',
  RotationRequired: 'Policy requires that this renewal replaces the secret, and the caller did not accept ROTATE.',
  RotationPending: 'A rotation of the key is pending, so another one cannot start.',
  RotationNotPending: 'The key has no pending rotation to confirm or undo.',
  GracePeriodOutOfBounds: 'The grace period is longer than the maximum: P30D for keys, P28D for webhooks.',
  PublicKeyInvalid: 'The public key is not a JWK of a supported type, or is not a valid key.',
  IdempotencyConflict:
    'The caller has already sent this mutation with this idempotency key and another input, and that request succeeded.',
  PolicyNotFound: 'No policy module with this name, or no version of it with this hash, is loaded.',
  InvalidPolicyConfig: 'The configuration does not match the configSchema of the policy module.',
  BindingNotFound: 'No binding has this id, or it has been removed.',
  NoticeTooShort: 'The notice period is shorter than the realm requires, and no reason was given for that.',
  PreviewOutdated:
    'The previewToken was not made by this gateway, is a day old or older, or belongs to a preview of another change.',
  BrakeNotFound: 'No brake has this id, or the brake has ended.',
  RealmNotFound: 'No realm has this slug, or the caller may not see it.',
  RealmExists: 'Another realm has this slug.',
  SecretPrefixTaken: 'Another realm has, or had, this prefix of secrets, or one prefix is the end of the other.',
  RealmChanged: 'The settings of the realm have changed since the version that the change is based on.',
  ActionNotFound: 'The catalogue of the realm has no action with this name.',
  ActionExists: 'The catalogue of the realm already has an action with this name.',
  OwnerNotFound: 'No account, organization or subject has this id, or the caller may not act for it.',
  OwnerNotActive: 'The account of the owner, or the subject, is disabled.',
  SubjectNotFound: 'The realm has no subject with this external id.',
  SubjectNotActive: 'The subject is disabled.',
  OrganizationNotFound: 'No organization has this id, or the caller may not see it.',
  AccountNotFound: 'No account has this id, or the account is disabled.',
  LastOwner: 'The account is the last OWNER of the organization. Make another member OWNER first.',
  LastAdministrator: 'The account is the last administrator of the gateway. Invite another administrator first.',
  ConfirmationNotValid:
    'The confirmation token is unknown, was used, is older than 15 minutes, or belongs to another account or to another change.',
  OperationNotFound: 'No operation has this id, or the caller does not manage its realm or organization.',
  RolloutNotFound: 'No rollout has this id, or the caller may not see it.',
  RolloutStateMismatch: 'The state of the rollout does not allow this.',
  RolloutAnswerNotFound:
    'No answer to a rollout, or no exception from one, has this id, or the caller does not administer its realm.',
  RolloutGateOpen: 'The next stage of the rollout may not begin yet: a gate is open.',
  BindingBusy: 'A rollout of the binding is open, or a change of it is announced, so that another change is refused.',
  OperationStateMismatch: 'The state of the operation does not allow this, or its change cannot be undone.',
  WebhookNotFound: 'No webhook has this id, or the caller does not manage it.',
  WebhookNotActive: 'The webhook is paused or has ended.',
  WebhookUrlNotAllowed:
    'The gateway does not send to this URL: the URL is not https, or its host is not one that the gateway may reach.',
  TooManyWebhooks: 'The owner or the realm already has the maximum number of webhooks.',
  IssuerNotFound: 'No trusted issuer has this id, or the caller does not administer its realm.',
  IssuerExists: 'The realm already trusts this issuer for this audience.',
  IssuerUrlNotAllowed: 'The gateway does not fetch keys from this URL.',
  TooManyIssuers: 'The realm already trusts the maximum number of issuers.',
  TokenRuleNotFound: 'No token rule has this id, or the caller does not administer its realm.',
  TokenRuleNotPinned:
    'No condition of the rule compares an immutable id. Names can be taken over by others, ids cannot.',
  TooManyTokenRules: 'The issuer already has the maximum number of token rules.',
  TokenNotAccepted: 'The token cannot be exchanged for a key.',
  InvalidCredentials: 'The email and password, or the current password, are wrong.',
  DeviceNotFound: 'No device waits for confirmation with this code.',
  PasswordNotAllowed: 'The password is too short, too long or too easy to guess.',
  InvitationNotFound: 'No open invitation has this token: it is unknown, used or older than 7 days.',
  EmailTaken: 'Another account has this email address.',
};

type DetailOf<Row> = Row extends { readonly details: infer Details } ? keyof Details & string : never;

/** A detail of a failure, as `Failure.detail`. */
export type FailureDetail = { [Name in FailureName]: `${Name}.${DetailOf<(typeof failures)[Name]>}` }[FailureName];

/** What each detail of a failure means, for the schema. */
export const failureDetailDescriptions: Readonly<Record<FailureDetail, string>> = {
  'ExpiryOutOfBounds.earliest': 'The earliest expiry that is allowed. Null if there is none.',
  'ExpiryOutOfBounds.latest': 'The latest expiry that is allowed. Null if there is none.',
  'KeyNotActive.state': 'The state of the key. Null if the given secret has retired, whatever the state of the key is.',
  'RenewalNotAllowed.allowedAt': 'When a renewal will be allowed. Null if that is unknown or never.',
  'RotationPending.previousRetiresAt': 'When the old secret retires and the rotation ends. Null if unknown.',
  'InvalidPolicyConfig.issues': 'Every problem of the configuration, each with its place.',
  'NoticeTooShort.required': 'The notice period that the realm requires.',
  'TokenNotAccepted.problem': 'Why the token was not accepted.',
};
