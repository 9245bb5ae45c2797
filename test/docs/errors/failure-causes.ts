import type { FailureName } from '../../../src/domain/failure.ts';

/** Why a mutation returns a failure: a sentence for each cause. */
export const failureCauses: Record<FailureName, readonly string[]> = {
  ExpiryOutOfBounds: [
    'The lifetime or expiry is shorter or longer than the realm or a policy allows. The message names which of them set the bound.',
    'The key is issued by another key, and would outlive it.',
  ],
  ScopeNotAllowed: [
    'The realm has no such action, or has retired it: new keys cannot have it.',
    'The scope is not provably within the ceiling that limits you: the realm’s ceiling for your role, or the scopes of the key that you call with.',
    'The action is reserved (`keytide:…`), and you may not give it.',
    '`updateKey` narrows scopes only: a new scope must be within the present ones.',
  ],
  KeyNotFound: [
    'No key has this id, or you may not see it. Both look the same.',
    'The secret was not copied completely.',
    '`adoptKey`: no import has announced a key with this source and id.',
  ],
  KeyNotActive: [
    'The key is held, has expired, or was revoked. `state` says which.',
    'A secret that has retired tried to revoke its key.',
  ],
  AlreadyAdopted: ['The key was adopted before, with another secret.'],
  SecretNotAccepted: [
    'The secret does not have the form that the realm’s `foreignSecrets` accepts, or belongs to another key.',
  ],
  KeyNotHeld: ['The key has no hold that could be lifted, for example because another request has just resumed it.'],
  HoldNotYours: [
    'An administrator, or the API that manages the key, holds it, and you are only its owner.',
    'The key is held because its subject is disabled.',
  ],
  RenewalNotAllowed: [
    'A policy does not allow the renewal yet, or at all. The message has the policy’s reason.',
    'You sent the old secret of a rotation. Only the current secret may renew its key.',
    'The key was issued in exchange for a token: it cannot be renewed.',
    'The key that issued this key was revoked or has expired.',
    'The renewed key would already have stopped.',
  ],
  RotationRequired: [
    'A policy requires a new secret with this renewal, and the request accepts only EXTEND, which is the default.',
  ],
  RotationPending: [
    'A rotation of the key is pending: two secrets work.',
    'You sent the old secret of a rotation.',
    'Another caller has just rotated the key without a grace period.',
  ],
  RotationNotPending: [
    'The key has one secret: nothing is to be confirmed or undone. The rotation may have ended by itself.',
  ],
  GracePeriodOutOfBounds: [
    'The grace period is negative, or longer than the longest that is allowed. The message has the bounds.',
  ],
  PublicKeyInvalid: [
    'The text is not JSON, or not a JWK of an accepted type.',
    'The coordinates are not a point on the curve.',
  ],
  IdempotencyConflict: [
    'A request with another input succeeded under this idempotency key. Programs often cause this when they build the key from a value that does not change, such as the name of a job.',
  ],
  PolicyNotFound: ['No module with this name, or no version with this hash, is loaded on the node.'],
  InvalidPolicyConfig: ['The configuration does not fit the module’s schema. `issues` has each problem with its path.'],
  BindingNotFound: ['No binding has this id, it belongs to another realm, or you may not see it.'],
  NoticeTooShort: [
    'The notice period is shorter than the realm’s `minimumNotice`, and the request has no `withoutNoticeReason` of an administrator.',
  ],
  PreviewOutdated: [
    'The preview is older than a day.',
    'The preview was of another change: its policy, configuration or selector differs.',
    'The text is not a preview token of this gateway.',
  ],
  BrakeNotFound: ['No brake has this id, or you may not see it.'],
  RolloutNotFound: ['No rollout has this id, or you may not see it.'],
  RolloutStateMismatch: [
    'The rollout has ended: it was undone, or it is done.',
    'The rollout is paused: resume it before it can advance.',
    'The owner has objected to this stage before: an objection holds a stage once.',
    'The exception was decided, or its owner withdrew the request.',
  ],
  RolloutAnswerNotFound: [
    'No answer of an owner, or no exception that an owner requested, has this id.',
    'You do not administer the realm of the rollout.',
  ],
  RolloutGateOpen: [
    'The least time of the present stage is not over.',
    'An owner’s objection has no reply.',
    'The budget of the rollout is used up.',
    'A second administrator must begin ENFORCED: the person who proposed the rollout cannot.',
  ],
  BindingBusy: [
    'A rollout changes the binding, and has not ended.',
    'A change of the binding is announced. A rollout of it cannot be proposed until the change has taken effect or was withdrawn.',
  ],
  RealmNotFound: ['No realm has this slug, or you may not see it.'],
  RealmExists: ['A realm with this slug exists.'],
  SecretPrefixTaken: [
    'Another realm has this prefix, or had it before.',
    'The prefix is the end of another realm’s prefix, or the other way round: a secret would fit both.',
  ],
  RealmChanged: ['Another administrator has changed the settings of the realm since you read its settingsVersion.'],
  ActionNotFound: ['The realm’s catalogue has no action with this name.'],
  ActionExists: ['The realm’s catalogue has an action with this name.'],
  OwnerNotFound: [
    'No account, organization or subject has this id, or you may not issue keys or manage webhooks for it.',
    'A token rule names a subject as owner: it issues keys for accounts and organizations only.',
  ],
  OwnerNotActive: ['The owner’s account, or the subject, is disabled.'],
  SubjectNotFound: [
    'The realm has no subject with this external id. The id is compared exactly, with upper and lower case.',
  ],
  SubjectNotActive: ['The subject is disabled. If an administrator disabled it, only an administrator can enable it.'],
  OrganizationNotFound: ['No organization has this id, or you are not a member of it.'],
  AccountNotFound: ['No account has this id, or the account is disabled.'],
  LastOwner: ['The change would leave the organization without an OWNER whose account is open.'],
  LastAdministrator: ['The change would leave the gateway without an open administrator account.'],
  WebhookNotFound: ['No webhook has this id, or you do not manage its owner.'],
  WebhookNotActive: ['The webhook is paused, or has ended.'],
  WebhookUrlNotAllowed: [
    'The URL is not https, has a port that is not allowed, or leads to an address that is not on the public internet.',
  ],
  TooManyWebhooks: ['The owner has as many webhooks as are allowed.'],
  IssuerNotFound: ['No trusted issuer has this id, or you do not administer its realm.'],
  IssuerExists: [
    'A realm already trusts this issuer for the same audience. An audience decides to which realm a token belongs.',
  ],
  IssuerUrlNotAllowed: ['The issuer’s URL leads to an address that the gateway may not ask.'],
  TooManyIssuers: ['The realm trusts as many issuers as are allowed.'],
  TokenRuleNotFound: ['No token rule has this id, or you do not administer its realm.'],
  TokenRuleNotPinned: [
    'The provider gives its projects ids that never change, and no condition of the rule matches such an id with `equals`.',
  ],
  TooManyTokenRules: ['The issuer has as many rules as are allowed.'],
  TokenNotAccepted: [
    'The token cannot be exchanged. `problem` says why, for example that it was used before or that no rule matches it.',
  ],
  ConfirmationNotValid: [
    'The confirmation is older than 15 minutes, or was used.',
    'The dry run was of another change, or of another person.',
  ],
  OperationNotFound: ['No operation has this id, or you do not manage its realm or organization.'],
  OperationStateMismatch: [
    'The operation’s state does not allow this, for example an undo of an operation that still runs.',
  ],
  InvalidCredentials: [
    'The email address or the password is wrong. Which of them is not revealed.',
    '`changePassword`: the current password is wrong, or another request has just changed it.',
  ],
  DeviceNotFound: ['The code is wrong, was used before, or has expired.'],
  PasswordNotAllowed: [
    'The password has fewer than 12 characters, or more than 1,024 bytes.',
    'The password is the email address.',
  ],
  InvitationNotFound: [
    'The token is wrong, was used before, was withdrawn, or has expired.',
    '`withdrawInvitation`: the invitation was accepted or withdrawn, has expired, or is not yours.',
  ],
  EmailTaken: ['An account has this email address.'],
};
