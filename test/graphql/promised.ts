/**
 * What callers of GraphQL are promised: names, arguments, types and values that may be added to, and never change. A field
 * is written as in SDL, with its arguments in brackets, in the order of their names.
 */

type Fields = { readonly [name: string]: string };

export const scalars = ['DateTime', 'Duration', 'Cursor', 'JSON'];

export const interfaces: { readonly [name: string]: Fields } = {
  Node: { id: 'ID!' },
  UserError: { code: 'String!', message: 'String!', path: '[String!]' },
  Owner: { id: 'ID!', name: 'String!' },
};

export const enums: { readonly [name: string]: readonly string[] } = {
  KeyState: ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'],
  Standing: ['ACTIVE', 'WARNED', 'HELD', 'EXPIRED'],
  StopBasis: ['HARD', 'BY_USE'],
  RenewalMode: ['EXTEND', 'ROTATE'],
  Outcome: ['VALID', 'KEY_UNKNOWN', 'KEY_REVOKED', 'SECRET_RETIRED', 'KEY_EXPIRED', 'KEY_HELD', 'SCOPE_MISSING'],
  Role: ['OWNER', 'ADMIN', 'MEMBER'],
};

/** Of these there may be more: a reader passes over what it does not know. */
export const eventTypes = [
  'KEY_ISSUED',
  'KEY_FIRST_USED',
  'KEY_UPDATED',
  'KEY_TRANSFERRED',
  'KEY_RENEWED',
  'KEY_HELD',
  'KEY_RESUMED',
  'KEY_REVOKED',
  'KEY_ROTATION_STARTED',
  'KEY_ROTATION_COMPLETED',
  'KEY_ROTATION_UNDONE',
  'KEY_ROTATION_STALLED',
  'KEY_SECRET_REUSED',
  'KEY_EXPIRING',
  'KEY_EXPIRED',
  'KEY_DORMANCY_WARNED',
  'KEY_STOP_CHANGED',
];

export const types: { readonly [name: string]: { readonly implements?: readonly string[]; readonly fields: Fields } } =
  {
    Account: { implements: ['Node', 'Owner'], fields: { id: 'ID!', name: 'String!' } },
    Organization: {
      implements: ['Node', 'Owner'],
      fields: {
        id: 'ID!',
        name: 'String!',
        members: '[Membership!]!',
        keys: '(after: String, before: String, first: Int, last: Int) KeyConnection!',
      },
    },
    Membership: { fields: { account: 'Account!', role: 'Role!' } },
    Realm: {
      implements: ['Node'],
      fields: {
        id: 'ID!',
        slug: 'String!',
        name: 'String!',
        actions: '[Action!]!',
        foldsCase: 'Boolean!',
        minimumNotice: 'Duration!',
        shortestLifetime: 'Duration!',
        longestLifetime: 'Duration!',
      },
    },
    Action: { fields: { name: 'String!', retiredAt: 'DateTime' } },
    Key: {
      implements: ['Node'],
      fields: {
        id: 'ID!',
        name: 'String!',
        owner: 'Owner!',
        realm: 'Realm!',
        state: 'KeyState!',
        standing: 'Standing!',
        scopes: '[Scope!]!',
        labels: '[Label!]!',
        createdAt: 'DateTime!',
        chosenExpiresAt: 'DateTime',
        expiresAt: 'DateTime',
        stopsAt: 'DateTime',
        stopsBasis: 'StopBasis',
        lastUsedAt: 'DateTime',
        neverUsed: 'Boolean!',
        reviewAt: 'DateTime',
        holds: '[Hold!]!',
        secrets: '[Secret!]!',
        rotation: 'Rotation',
        renewalInfo: 'RenewalInfo!',
        events: '(after: String, first: Int) EventConnection!',
      },
    },
    Scope: { fields: { action: 'String!', resource: 'String!' } },
    Label: { fields: { name: 'String!', value: 'String!' } },
    Hold: { fields: { source: 'String!', reason: 'String!', since: 'DateTime!' } },
    Secret: {
      fields: {
        start: 'String!',
        generation: 'Int!',
        createdAt: 'DateTime!',
        firstUsedAt: 'DateTime',
        lastUsedAt: 'DateTime',
        retiresAt: 'DateTime',
      },
    },
    Rotation: {
      fields: { startedAt: 'DateTime!', previousRetiresAt: 'DateTime!', moved: '[String!]!', notMoved: '[String!]!' },
    },
    RenewalInfo: {
      fields: {
        allowed: 'Boolean!',
        mode: 'RenewalMode!',
        window: 'Window',
        suggestedAt: 'DateTime',
        longest: 'Duration',
        retryAfter: 'Duration!',
        reason: 'String!',
      },
    },
    Window: { fields: { opensAt: 'DateTime!', closesAt: 'DateTime!' } },
    Verification: {
      fields: {
        outcome: 'Outcome!',
        key: 'VerifiedKey',
        scopeChecked: 'Boolean!',
        stopsAt: 'DateTime',
        renewalDue: 'Boolean!',
        message: 'String!',
      },
    },
    VerifiedKey: {
      fields: { id: 'ID!', realm: 'String!', ownerId: 'ID!', labels: '[Label!]!', scopes: '[Scope!]!' },
    },
    Event: {
      implements: ['Node'],
      fields: {
        id: 'ID!',
        cursor: 'Cursor!',
        type: 'EventType!',
        at: 'DateTime!',
        recordedAt: 'DateTime!',
        key: 'Key',
        actor: 'Actor',
        reason: 'String',
        data: 'JSON!',
      },
    },
    ExpiringKey: {
      fields: {
        key: 'Key!',
        stopsAt: 'DateTime!',
        stopsBasis: 'StopBasis!',
        remaining: 'Duration!',
        renewalInfo: 'RenewalInfo!',
      },
    },
    SignInSuccess: { fields: { token: 'String!', expiresAt: 'DateTime!', account: 'Account!' } },
    IssueKeySuccess: { fields: { key: 'Key!', secret: 'String', secretUnavailable: 'Boolean!' } },
    RenewKeySuccess: {
      fields: { key: 'Key!', secret: 'String', secretUnavailable: 'Boolean!', previousRetiresAt: 'DateTime' },
    },
    RotateKeySuccess: {
      fields: { key: 'Key!', secret: 'String', secretUnavailable: 'Boolean!', previousRetiresAt: 'DateTime' },
    },
    ConfirmRotationSuccess: { fields: { key: 'Key!' } },
    UndoRotationSuccess: { fields: { key: 'Key!' } },
    UpdateKeySuccess: { fields: { key: 'Key!' } },
    TransferKeySuccess: { fields: { key: 'Key!' } },
    HoldKeySuccess: { fields: { key: 'Key!' } },
    ResumeKeySuccess: { fields: { key: 'Key!' } },
    // Null for who revoked it by its secret alone, and may not see it.
    RevokeKeySuccess: { fields: { key: 'Key' } },
    ExpiryOutOfBounds: { implements: ['UserError'], fields: { earliest: 'DateTime', latest: 'DateTime' } },
    ScopeNotAllowed: { implements: ['UserError'], fields: {} },
    KeyNotFound: { implements: ['UserError'], fields: {} },
    KeyNotActive: { implements: ['UserError'], fields: {} },
    RenewalNotAllowed: { implements: ['UserError'], fields: { allowedAt: 'DateTime' } },
    RotationRequired: { implements: ['UserError'], fields: {} },
    RotationPending: { implements: ['UserError'], fields: {} },
    RotationNotPending: { implements: ['UserError'], fields: {} },
    IdempotencyConflict: { implements: ['UserError'], fields: {} },
    InvalidCredentials: { implements: ['UserError'], fields: {} },
    LastOwner: { implements: ['UserError'], fields: {} },
    Query: {
      fields: {
        viewer: 'Viewer!',
        node: '(id: ID!) Node',
        key: '(id: ID!) Key',
        keys: '(after: String, before: String, filter: KeyFilter, first: Int, last: Int, orderBy: KeyOrder) KeyConnection!',
        realm: '(slug: String!) Realm',
        organization: '(id: ID!) Organization',
        forecast: '(filter: KeyFilter, horizon: Duration!) [ForecastDay!]!',
        logCursor: 'Cursor!',
      },
    },
    Subscription: {
      fields: {
        events: '(after: Cursor, filter: EventFilter) Event!',
        expiring: '(filter: KeyFilter, within: Duration!) ExpiringKey!',
      },
    },
  };

/** Each takes one input named after it and answers a result named after it; what answers otherwise is written out. */
export const mutations: { readonly [name: string]: 'RESULT' | string } = {
  signIn: 'RESULT',
  signOut: 'Boolean!',
  changePassword: 'RESULT',
  inviteAccount: 'RESULT',
  acceptInvitation: 'RESULT',
  disableAccount: 'RESULT',
  createOrganization: 'RESULT',
  setMember: 'RESULT',
  createRealm: 'RESULT',
  updateRealm: 'RESULT',
  defineAction: 'RESULT',
  retireAction: 'RESULT',
  issueKey: 'RESULT',
  verifyKey: '(input: VerifyKeyInput!) Verification!',
  renewKey: 'RESULT',
  rotateKey: 'RESULT',
  confirmRotation: 'RESULT',
  undoRotation: 'RESULT',
  updateKey: 'RESULT',
  transferKey: 'RESULT',
  holdKey: 'RESULT',
  resumeKey: 'RESULT',
  revokeKey: 'RESULT',
};

/** Inputs that take no idempotency key: one opens a session each time, the other changes nothing. */
export const notRepeatable = ['SignInInput', 'VerifyKeyInput'];

const publicKey = 'String';
const idempotencyKey = 'String';

export const inputs: { readonly [name: string]: Fields } = {
  ScopeInput: { action: 'String!', resource: 'String!' },
  LabelInput: { name: 'String!', value: 'String!' },
  KeyFilter: {
    realm: 'String',
    owner: 'ID',
    states: '[KeyState!]',
    standings: '[Standing!]',
    labels: '[LabelInput!]',
    stopsBefore: 'DateTime',
    stopsAfter: 'DateTime',
    unusedSince: 'DateTime',
    neverUsed: 'Boolean',
    search: 'String',
  },
  EventFilter: { types: '[EventType!]', realm: 'String', owner: 'ID', keyIds: '[ID!]', labels: '[LabelInput!]' },
  SignInInput: { email: 'String!', password: 'String!' },
  IssueKeyInput: {
    realm: 'String!',
    owner: 'ID',
    name: 'String!',
    scopes: '[ScopeInput!]!',
    labels: '[LabelInput!]',
    expiresAt: 'DateTime',
    lifetime: 'Duration',
    publicKey,
    idempotencyKey,
  },
  VerifyKeyInput: { secret: 'String!', action: 'String', resource: 'String', consumer: 'String' },
  RenewKeyInput: {
    keyId: 'ID',
    expiresAt: 'DateTime',
    lifetime: 'Duration',
    accept: '[RenewalMode!] = [EXTEND]',
    gracePeriod: 'Duration',
    publicKey,
    idempotencyKey,
  },
  RotateKeyInput: { keyId: 'ID', gracePeriod: 'Duration', publicKey, idempotencyKey },
  ConfirmRotationInput: { keyId: 'ID', idempotencyKey },
  UndoRotationInput: { keyId: 'ID', idempotencyKey },
  UpdateKeyInput: {
    keyId: 'ID!',
    name: 'String',
    labels: '[LabelInput!]',
    scopes: '[ScopeInput!]',
    expiresAt: 'DateTime',
    idempotencyKey,
  },
  TransferKeyInput: { keyId: 'ID!', owner: 'ID!', reason: 'String', idempotencyKey },
  HoldKeyInput: { keyId: 'ID!', reason: 'String!', idempotencyKey },
  ResumeKeyInput: { keyId: 'ID!', reason: 'String', idempotencyKey },
  RevokeKeyInput: { keyId: 'ID', secret: 'String', reason: 'String!', idempotencyKey },
};
