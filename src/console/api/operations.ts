// Generated from schema.graphql and the operations of the console: npm run console:types

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type ActorKind =
  | 'ACCOUNT'
  | 'KEY'
  | 'POLICY'
  | 'PORTAL'
  | 'SYSTEM';

export type EventType =
  | 'ACCOUNT_CREATED'
  | 'ACCOUNT_DISABLED'
  | 'ACCOUNT_INVITED'
  | 'ACCOUNT_PASSWORD_CHANGED'
  | 'ACCOUNT_SIGNED_IN'
  | 'ACCOUNT_SIGNED_OUT'
  | 'ACCOUNT_UPDATED'
  | 'ACTION_DEFINED'
  | 'ACTION_RETIRED'
  | 'BRAKE_CANCELLED'
  | 'BRAKE_ENGAGED'
  | 'BRAKE_RELEASED'
  | 'DEVICE_REFUSED'
  | 'ISSUER_DISTRUSTED'
  | 'ISSUER_TRUSTED'
  | 'ISSUER_UPDATED'
  | 'KEY_ADOPTED'
  | 'KEY_DORMANCY_WARNED'
  | 'KEY_EXPIRED'
  | 'KEY_EXPIRING'
  | 'KEY_FIRST_USED'
  | 'KEY_HELD'
  | 'KEY_ISSUED'
  | 'KEY_RENEWED'
  | 'KEY_RESUMED'
  | 'KEY_REVOKED'
  | 'KEY_ROTATION_ASKED'
  | 'KEY_ROTATION_COMPLETED'
  | 'KEY_ROTATION_STALLED'
  | 'KEY_ROTATION_STARTED'
  | 'KEY_ROTATION_UNDONE'
  | 'KEY_ROTATION_WITHDRAWN'
  | 'KEY_SECRET_REUSED'
  | 'KEY_STOP_CHANGED'
  | 'KEY_TRANSFERRED'
  | 'KEY_UPDATED'
  | 'OPERATION_ENDED'
  | 'OPERATION_PAUSED'
  | 'OPERATION_PROPOSED'
  | 'OPERATION_STARTED'
  | 'OPERATION_STOPPED'
  | 'ORGANIZATION_CREATED'
  | 'ORGANIZATION_MEMBER_CHANGED'
  | 'POLICY_ANNOUNCED'
  | 'POLICY_APPLIED'
  | 'POLICY_BOUND'
  | 'POLICY_BROKEN'
  | 'POLICY_CHANGED'
  | 'POLICY_MENDED'
  | 'POLICY_UNBOUND'
  | 'PORTAL_SESSIONS_ENDED'
  | 'PORTAL_SESSION_CREATED'
  | 'REALM_CREATED'
  | 'REALM_UPDATED'
  | 'SUBJECT_CREATED'
  | 'SUBJECT_DISABLED'
  | 'SUBJECT_ENABLED'
  | 'SUBJECT_REMOVED'
  | 'SUBJECT_UPDATED'
  | 'TOKEN_REUSED'
  | 'TOKEN_RULE_ADDED'
  | 'TOKEN_RULE_REMOVED'
  | 'TOKEN_RULE_UPDATED'
  | 'WEBHOOK_CREATED'
  | 'WEBHOOK_ENDED'
  | 'WEBHOOK_PARKED'
  | 'WEBHOOK_PAUSED'
  | 'WEBHOOK_REPLAYED'
  | 'WEBHOOK_RESUMED'
  | 'WEBHOOK_SECRET_ROTATED'
  | 'WEBHOOK_TESTED'
  | 'WEBHOOK_UPDATED';

export type HoldKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly reason: string;
};

export type IssueKeyInput = {
  readonly allowedAddresses?: ReadonlyArray<string> | null | undefined;
  readonly description?: string | null | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly lifetime?: string | null | undefined;
  readonly metadata?: unknown;
  readonly name: string;
  readonly notBefore?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly ownerOf?: OwnerInput | null | undefined;
  readonly publicKey?: string | null | undefined;
  readonly realm: string;
  readonly scopes: ReadonlyArray<ScopeInput>;
};

export type KeyAction =
  | 'CONFIRM_ROTATION'
  | 'HOLD'
  | 'RENEW'
  | 'RESUME'
  | 'REVOKE'
  | 'ROTATE'
  | 'TRANSFER'
  | 'UNDO_ROTATION'
  | 'UPDATE';

export type KeyAutomation =
  | 'LATE'
  | 'NONE'
  | 'WORKING';

export type KeyFilter = {
  readonly action?: string | null | undefined;
  readonly automation?: ReadonlyArray<KeyAutomation> | null | undefined;
  readonly exchanged?: boolean | null | undefined;
  readonly ids?: ReadonlyArray<string> | null | undefined;
  readonly issuedAfter?: string | null | undefined;
  readonly issuedBefore?: string | null | undefined;
  readonly issuedBy?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly leaked?: boolean | null | undefined;
  readonly neverUsed?: boolean | null | undefined;
  readonly owner?: string | null | undefined;
  readonly parent?: string | null | undefined;
  readonly realm?: string | null | undefined;
  readonly rotating?: boolean | null | undefined;
  readonly search?: string | null | undefined;
  readonly stalled?: boolean | null | undefined;
  readonly standings?: ReadonlyArray<Standing> | null | undefined;
  readonly states?: ReadonlyArray<KeyState> | null | undefined;
  readonly stopsAfter?: string | null | undefined;
  readonly stopsBefore?: string | null | undefined;
  readonly subject?: string | null | undefined;
  readonly tokenRule?: string | null | undefined;
  readonly unusedSince?: string | null | undefined;
  readonly usedBy?: string | null | undefined;
};

export type KeyOrder = {
  readonly direction: OrderDirection;
  readonly field: KeyOrderField;
};

export type KeyOrderField =
  | 'CREATED_AT'
  | 'LAST_USED_AT'
  | 'NAME'
  | 'STOPS_AT';

export type KeyState =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'HELD'
  | 'REVOKED';

export type LabelInput = {
  readonly name: string;
  readonly value: string;
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type Outcome =
  | 'ACTION_UNKNOWN'
  | 'ADDRESS_NOT_ALLOWED'
  | 'KEY_EXPIRED'
  | 'KEY_HELD'
  | 'KEY_REVOKED'
  | 'KEY_UNKNOWN'
  | 'NOT_YET_VALID'
  | 'SCOPE_MISSING'
  | 'SECRET_RETIRED'
  | 'VALID';

export type OwnerInput = {
  readonly id?: string | null | undefined;
  readonly subject?: SubjectInput | null | undefined;
};

export type RenewKeyInput = {
  readonly accept?: ReadonlyArray<RenewalMode> | null | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly gracePeriod?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly lifetime?: string | null | undefined;
  readonly publicKey?: string | null | undefined;
};

export type RenewalMode =
  | 'EXTEND'
  | 'ROTATE';

export type ResumeKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly reason?: string | null | undefined;
};

export type RevokeKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly reason: string;
  readonly secret?: string | null | undefined;
};

export type RotateKeyInput = {
  readonly gracePeriod?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly publicKey?: string | null | undefined;
};

export type ScopeInput = {
  readonly action: string;
  readonly resource: string;
};

export type Standing =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'HELD'
  | 'WARNED';

export type StopBasis =
  | 'BY_USE'
  | 'HARD';

export type SubjectInput = {
  readonly email?: string | null | undefined;
  readonly externalId: string;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly language?: string | null | undefined;
  readonly name?: string | null | undefined;
};

export type UndoRotationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
};

export type LiveSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LiveSubscription = { readonly events: { readonly cursor: string, readonly type: EventType, readonly at: string, readonly keyId: string | null, readonly key: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
      , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null } | null } };

export type IssueChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type IssueChoicesQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> }, readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> } };

export type IssueRulesQueryVariables = Exact<{
  realm: string;
  owner?: string | null | undefined;
}>;


export type IssueRulesQuery = { readonly realm: { readonly name: string, readonly foldsCase: boolean, readonly actions: ReadonlyArray<{ readonly name: string, readonly description: string, readonly retiredAt: string | null }> } | null, readonly issueBounds: { readonly earliest: string, readonly earliestReason: string, readonly latest: string, readonly latestReason: string, readonly defaultExpiresAt: string | null, readonly stopsAt: string | null, readonly stopsBasis: StopBasis | null, readonly stopReason: string | null } | null };

export type IssueOnPageMutationVariables = Exact<{
  input: IssueKeyInput;
}>;


export type IssueOnPageMutation = { readonly issueKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly secret: string | null, readonly key: { readonly id: string, readonly name: string, readonly stopsAt: string | null } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type FilterChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type FilterChoicesQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> }, readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> }, readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> } };

export type KeyPageQueryVariables = Exact<{
  filter?: KeyFilter | null | undefined;
  order: KeyOrder;
  after?: string | null | undefined;
}>;


export type KeyPageQuery = { readonly keys: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
        , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type KeyCountsQueryVariables = Exact<{
  shown?: KeyFilter | null | undefined;
  hidden?: KeyFilter | null | undefined;
  new?: KeyFilter | null | undefined;
  withHidden: boolean;
  withNew: boolean;
}>;


export type KeyCountsQuery = { readonly shown: number, readonly hidden?: number, readonly new?: number };

export type KeyRowFragment = { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
  , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null };

export type RenewOnPageMutationVariables = Exact<{
  input: RenewKeyInput;
}>;


export type RenewOnPageMutation = { readonly renewKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type HoldOnPageMutationVariables = Exact<{
  input: HoldKeyInput;
}>;


export type HoldOnPageMutation = { readonly holdKey:
    | { readonly key: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type ResumeOnPageMutationVariables = Exact<{
  input: ResumeKeyInput;
}>;


export type ResumeOnPageMutation = { readonly resumeKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } }
   };

export type RevokeOnPageMutationVariables = Exact<{
  input: RevokeKeyInput;
}>;


export type RevokeOnPageMutation = { readonly revokeKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } | null }
   };

export type UndoOnPageMutationVariables = Exact<{
  input: UndoRotationInput;
}>;


export type UndoOnPageMutation = { readonly undoRotation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } }
   };

export type RotateOnPageMutationVariables = Exact<{
  input: RotateKeyInput;
}>;


export type RotateOnPageMutation = { readonly rotateKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly secret: string | null, readonly previousRetiresAt: string | null }
    | { readonly code: string, readonly message: string }
   };

export type KeyOfPageQueryVariables = Exact<{
  id: string;
}>;


export type KeyOfPageQuery = { readonly key: { readonly description: string | null, readonly allowedAddresses: ReadonlyArray<string>, readonly notBefore: string | null, readonly stopsBasis: StopBasis | null, readonly isExchanged: boolean, readonly viewerCan: ReadonlyArray<KeyAction>, readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly realm: { readonly slug: string, readonly name: string }, readonly issuedBy: { readonly kind: ActorKind, readonly name: string | null } | null, readonly holds: ReadonlyArray<{ readonly source: string, readonly reason: string, readonly since: string }>, readonly explanation: { readonly summary: string }, readonly renewalInfo: { readonly allowed: boolean, readonly mode: RenewalMode, readonly reason: string, readonly suggestedAt: string | null }, readonly secrets: ReadonlyArray<{ readonly generation: number, readonly start: string, readonly createdAt: string, readonly lastUsedAt: string | null, readonly retiresAt: string | null }>, readonly rotation: { readonly startedAt: string, readonly previousRetiresAt: string, readonly moved: ReadonlyArray<string>, readonly notMoved: ReadonlyArray<string>, readonly hasUnlabelled: boolean } | null, readonly usage: { readonly consumers: ReadonlyArray<{ readonly name: string, readonly generation: number, readonly count: number, readonly lastUsedAt: string }>, readonly days: ReadonlyArray<{ readonly day: string, readonly outcome: Outcome, readonly count: number }> }, readonly owner:
      | { readonly id: string, readonly name: string }
      | { readonly id: string, readonly name: string }
      | { readonly id: string, readonly name: string }
     } | null };

export type KeyHistoryQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type KeyHistoryQuery = { readonly key: { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: EventType, readonly at: string, readonly reason: string | null, readonly actor: { readonly kind: ActorKind, readonly name: string | null } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type ViewerOfPageQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerOfPageQuery = { readonly logCursor: string, readonly viewer:
    | { readonly id: string, readonly name: string, readonly isAdministrator: boolean }
    | Record<PropertyKey, never>
   };

export type EndOfLogQueryVariables = Exact<{ [key: string]: never; }>;


export type EndOfLogQuery = { readonly logCursor: string };
