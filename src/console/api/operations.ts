// Generated from schema.graphql and the operations of the console: npm run console:types

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type AcceptInvitationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly password: string;
  readonly token: string;
};

export type AccountFilter = {
  readonly isAdministrator?: boolean | null | undefined;
  readonly isDisabled?: boolean | null | undefined;
  readonly search?: string | null | undefined;
};

export type ActorKind =
  | 'ACCOUNT'
  | 'KEY'
  | 'POLICY'
  | 'PORTAL'
  | 'SYSTEM';

export type AddTokenRuleInput = {
  readonly claimLabels?: ReadonlyArray<ClaimLabelInput> | null | undefined;
  readonly conditions: ReadonlyArray<ClaimConditionInput>;
  readonly idempotencyKey?: string | null | undefined;
  readonly issuerId: string;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly name: string;
  readonly owner: string;
  readonly scopes: ReadonlyArray<ScopeInput>;
};

export type AdvanceRolloutInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly rolloutId: string;
};

export type AnswerRolloutInput = {
  readonly brownout?: boolean | null | undefined;
  readonly consumers?: ReadonlyArray<string> | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly isPublic?: boolean | null | undefined;
  readonly keyIds?: ReadonlyArray<string> | null | undefined;
  readonly kind: RolloutAnswerKind;
  readonly owner?: string | null | undefined;
  readonly rolloutId: string;
  readonly text?: string | null | undefined;
  readonly until?: string | null | undefined;
};

export type BindPolicyInput = {
  readonly config?: unknown;
  readonly effectiveAt?: string | null | undefined;
  readonly followsModule?: boolean | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly mode?: BindingMode | null | undefined;
  readonly noticePeriod?: string | null | undefined;
  readonly policy: string;
  readonly previewToken?: string | null | undefined;
  readonly realm: string;
  readonly reason?: string | null | undefined;
  readonly selector?: KeySelector | null | undefined;
  readonly withoutNoticeReason?: string | null | undefined;
};

export type BindingHealth =
  | 'BROKEN'
  | 'WORKING';

export type BindingMode =
  | 'ENFORCED'
  | 'PAUSED'
  | 'SHADOW';

export type BreakageBudgetInput = {
  readonly owners: number;
  readonly share?: number | null | undefined;
};

export type CadenceConfidence =
  | 'STRONG'
  | 'WEAK';

export type CancelBrakeInput = {
  readonly brakeId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
};

export type CeilingInput = {
  readonly role: Role;
  readonly scopes: ReadonlyArray<ScopeInput>;
};

export type ChangeKeysInput = {
  readonly all?: boolean | null | undefined;
  readonly change: KeyChange;
  readonly confirmation?: string | null | undefined;
  readonly dryRun?: boolean | null | undefined;
  readonly filter: KeyFilter;
  readonly gracePeriod?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly lifetime?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly realm: string;
  readonly reason: string;
  readonly removeLabels?: ReadonlyArray<string> | null | undefined;
};

export type ChangePasswordInput = {
  readonly currentPassword: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly newPassword: string;
};

export type ClaimConditionInput = {
  readonly claim: string;
  readonly equals?: string | null | undefined;
  readonly matches?: string | null | undefined;
};

export type ClaimLabelInput = {
  readonly claim: string;
  readonly name: string;
};

export type ConfirmDeviceInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly userCode: string;
};

export type ConfirmRotationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
};

export type CreateOrganizationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
};

export type CreateRealmInput = {
  readonly ceilings?: ReadonlyArray<CeilingInput> | null | undefined;
  readonly foldsCase?: boolean | null | undefined;
  readonly foreignSecrets?: ForeignSecretsInput | null | undefined;
  readonly freezes?: ReadonlyArray<FreezeInput> | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly leakResponse?: LeakResponse | null | undefined;
  readonly longestLifetime?: string | null | undefined;
  readonly longestShift?: string | null | undefined;
  readonly minimumNotice?: string | null | undefined;
  readonly name: string;
  readonly portalOrigins?: ReadonlyArray<string> | null | undefined;
  readonly secretPrefix?: string | null | undefined;
  readonly shortestLifetime?: string | null | undefined;
  readonly signedTokens?: boolean | null | undefined;
  readonly slug: string;
  readonly subjectCeilings?: ReadonlyArray<SubjectCeilingInput> | null | undefined;
  readonly subjectMail?: SubjectMailInput | null | undefined;
};

export type CreateWebhookInput = {
  readonly after?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly filter?: WebhookFilter | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly realm?: string | null | undefined;
  readonly url: string;
};

export type DecideExceptionInput = {
  readonly exceptionId: string;
  readonly grant: boolean;
  readonly idempotencyKey?: string | null | undefined;
  readonly text: string;
  readonly until?: string | null | undefined;
};

export type DefineActionInput = {
  readonly description: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly realm: string;
};

export type DeleteWebhookInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly webhookId: string;
};

export type DisableAccountInput = {
  readonly accountId: string;
  readonly disabled?: boolean | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly reason: string;
};

export type DistrustIssuerInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly issuerId: string;
  readonly reason?: string | null | undefined;
};

export type EndSessionsInput = {
  readonly accountId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly sessionIds?: ReadonlyArray<string> | null | undefined;
};

export type EventFilter = {
  readonly actor?: string | null | undefined;
  readonly keyIds?: ReadonlyArray<string> | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly owner?: string | null | undefined;
  readonly realm?: string | null | undefined;
  readonly types?: ReadonlyArray<EventType> | null | undefined;
};

export type EventType =
  | 'ACCOUNT_ADMINISTRATOR_CHANGED'
  | 'ACCOUNT_CREATED'
  | 'ACCOUNT_DISABLED'
  | 'ACCOUNT_ENABLED'
  | 'ACCOUNT_INVITATION_WITHDRAWN'
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
  | 'KEY_BROKE_CONSUMER'
  | 'KEY_BROWNOUT_ENDED'
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
  | 'KEY_STOPS_BEFORE_NEXT_USE'
  | 'KEY_STOP_CHANGED'
  | 'KEY_TRANSFERRED'
  | 'KEY_UPDATED'
  | 'KEY_USED_OUT_OF_RHYTHM'
  | 'OPERATION_ENDED'
  | 'OPERATION_PAUSED'
  | 'OPERATION_PROPOSED'
  | 'OPERATION_STARTED'
  | 'OPERATION_STOPPED'
  | 'ORGANIZATION_CREATED'
  | 'ORGANIZATION_MEMBER_CHANGED'
  | 'ORGANIZATION_RENAMED'
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
  | 'ROLLOUT_ANSWERED'
  | 'ROLLOUT_ENDED'
  | 'ROLLOUT_EXCEPTION_ENDED'
  | 'ROLLOUT_EXCEPTION_GRANTED'
  | 'ROLLOUT_EXCEPTION_REFUSED'
  | 'ROLLOUT_INCONCLUSIVE'
  | 'ROLLOUT_PAUSED'
  | 'ROLLOUT_PROPOSED'
  | 'ROLLOUT_REPLIED'
  | 'ROLLOUT_RESUMED'
  | 'ROLLOUT_STAGE_BEGAN'
  | 'ROLLOUT_UNDONE'
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

export type ExplainTokenInput = {
  readonly claims?: unknown;
  readonly realm: string;
  readonly token?: string | null | undefined;
};

export type ForeignSecretsInput = {
  readonly pattern: string;
  readonly randomBits: number;
};

export type FreezeInput = {
  readonly from: string;
  readonly reason: string;
  readonly to: string;
};

export type HoldKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly reason: string;
};

export type InviteAccountInput = {
  readonly administrator?: boolean | null | undefined;
  readonly email: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly organization?: string | null | undefined;
  readonly role?: Role | null | undefined;
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

export type KeyChange =
  | 'ASK_ROTATION'
  | 'HOLD'
  | 'LABEL'
  | 'RENEW'
  | 'RESUME'
  | 'REVOKE'
  | 'TRANSFER';

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

export type KeySelector = {
  readonly issuedAfter?: string | null | undefined;
  readonly issuedBefore?: string | null | undefined;
  readonly keyIds?: ReadonlyArray<string> | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly not?: KeySelector | null | undefined;
  readonly owners?: ReadonlyArray<string> | null | undefined;
};

export type KeyState =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'HELD'
  | 'REVOKED';

export type LabelInput = {
  readonly name: string;
  readonly value: string;
};

export type LeakOutcome =
  | 'HELD'
  | 'RETIRED'
  | 'REVOKED';

export type LeakResponse =
  | 'HOLD'
  | 'REVOKE';

export type OperationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly operationId: string;
  readonly reason?: string | null | undefined;
};

export type OperationKeyState =
  | 'DONE'
  | 'FAILED'
  | 'SKIPPED'
  | 'UNDONE'
  | 'UNDO_FAILED'
  | 'WAITING';

export type OperationState =
  | 'AWAITING_APPROVAL'
  | 'DONE'
  | 'PAUSED'
  | 'RUNNING'
  | 'STOPPED'
  | 'UNDONE';

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type Outcome =
  | 'ACTION_UNKNOWN'
  | 'ADDRESS_NOT_ALLOWED'
  | 'BROWNOUT'
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

export type PauseRolloutInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly rolloutId: string;
};

export type PauseWebhookInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason: string;
  readonly webhookId: string;
};

export type PolicyDecision =
  | 'DORMANCY'
  | 'EXPIRY'
  | 'RENEWAL';

export type PolicyFindingCode =
  | 'BELOW_CADENCE'
  | 'SAME_DAY'
  | 'WEEKEND'
  | 'WITHOUT_AUTOMATION';

export type PolicyFindingSeverity =
  | 'ERROR'
  | 'INFO'
  | 'WARNING';

export type PortalAction =
  | 'EVENTS'
  | 'ISSUE'
  | 'LIST'
  | 'RENEW'
  | 'REVOKE'
  | 'ROTATE';

export type PreviewPolicyInput = {
  readonly bindingId?: string | null | undefined;
  readonly config?: unknown;
  readonly effectiveAt?: string | null | undefined;
  readonly hash?: string | null | undefined;
  readonly mode?: BindingMode | null | undefined;
  readonly noticePeriod?: string | null | undefined;
  readonly policy?: string | null | undefined;
  readonly realm: string;
  readonly remove?: boolean | null | undefined;
  readonly replay?: string | null | undefined;
  readonly selector?: KeySelector | null | undefined;
};

export type ProblemKind =
  | 'BRAKE_ENGAGED'
  | 'NOTICE_NOT_DELIVERED'
  | 'POLICY_BROKEN'
  | 'ROTATION_STALLED'
  | 'STOPS_BEFORE_NEXT_USE'
  | 'WEBHOOK_PAUSED';

export type ProposeRolloutInput = {
  readonly bindingId?: string | null | undefined;
  readonly budget: BreakageBudgetInput;
  readonly config?: unknown;
  readonly explanation: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly policy?: string | null | undefined;
  readonly previewToken: string;
  readonly realm: string;
  readonly remove?: boolean | null | undefined;
  readonly replacement?: string | null | undefined;
  readonly sealedDigest?: string | null | undefined;
  readonly selector?: KeySelector | null | undefined;
  readonly stages: ReadonlyArray<RolloutStageInput>;
  readonly title: string;
};

export type RefuseDeviceInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly userCode: string;
};

export type ReleaseBrakeInput = {
  readonly brakeId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly upTo?: number | null | undefined;
};

export type RemoveTokenRuleInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly ruleId: string;
};

export type RenameOrganizationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly organizationId: string;
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

export type ReplayWebhookInput = {
  readonly after?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly webhookId: string;
};

export type ReplyToAnswerInput = {
  readonly answerId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly text: string;
};

export type ResumeKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly reason?: string | null | undefined;
};

export type ResumeRolloutInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly rolloutId: string;
};

export type ResumeWebhookInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly webhookId: string;
};

export type RetireActionInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly realm: string;
};

export type RevokeKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly reason: string;
  readonly secret?: string | null | undefined;
};

export type Role =
  | 'ADMIN'
  | 'MEMBER'
  | 'OWNER';

export type RolloutAnswerKind =
  | 'ASK_EXCEPTION'
  | 'COMMENT'
  | 'ENROLL'
  | 'OBJECT'
  | 'WITHDRAW';

export type RolloutChange =
  | 'BIND'
  | 'UNBIND'
  | 'UPDATE';

export type RolloutExceptionState =
  | 'ASKED'
  | 'ENDED'
  | 'GRANTED'
  | 'REFUSED';

export type RolloutGate =
  | 'BUDGET'
  | 'EVIDENCE'
  | 'LEAST_TIME'
  | 'OBJECTIONS'
  | 'SECOND_PERSON';

export type RolloutStageInput = {
  readonly atLeast: string;
  readonly kind: RolloutStageKind;
  readonly share?: number | null | undefined;
  readonly windows?: ReadonlyArray<string> | null | undefined;
};

export type RolloutStageKind =
  | 'BROWNOUT'
  | 'COHORT'
  | 'COMMENT'
  | 'ENFORCED'
  | 'SHADOW'
  | 'WARN';

export type RolloutState =
  | 'DONE'
  | 'INCONCLUSIVE'
  | 'PAUSED'
  | 'PROPOSED'
  | 'RUNNING'
  | 'UNDONE';

export type RotateKeyInput = {
  readonly gracePeriod?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly publicKey?: string | null | undefined;
};

export type RotateWebhookSecretInput = {
  readonly gracePeriod?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly webhookId: string;
};

export type ScopeInput = {
  readonly action: string;
  readonly resource: string;
};

export type SetAdministratorInput = {
  readonly accountId: string;
  readonly administrator: boolean;
  readonly idempotencyKey?: string | null | undefined;
  readonly reason: string;
};

export type SetMemberInput = {
  readonly accountId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly organizationId: string;
  readonly role?: Role | null | undefined;
};

export type SettingSource =
  | 'DEFAULT'
  | 'ENVIRONMENT'
  | 'FILE';

export type Standing =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'HELD'
  | 'WARNED';

export type StopBasis =
  | 'BY_USE'
  | 'HARD';

export type SubjectCeilingInput = {
  readonly label?: LabelInput | null | undefined;
  readonly scopes: ReadonlyArray<ScopeInput>;
};

export type SubjectInput = {
  readonly email?: string | null | undefined;
  readonly externalId: string;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly language?: string | null | undefined;
  readonly name?: string | null | undefined;
};

export type SubjectMailInput = {
  readonly keysPage?: string | null | undefined;
  readonly replyTo?: string | null | undefined;
  readonly senderName: string;
};

export type TestWebhookInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly webhookId: string;
};

export type TimelineStep =
  | 'DAY'
  | 'HOUR'
  | 'SIX_HOURS'
  | 'WEEK';

export type TokenPreset =
  | 'AZURE_PIPELINES'
  | 'BITBUCKET'
  | 'BUILDKITE'
  | 'CIRCLECI'
  | 'GITHUB_ACTIONS'
  | 'GITLAB'
  | 'KUBERNETES';

export type TransferKeyInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly owner: string;
  readonly reason?: string | null | undefined;
};

export type TrustIssuerInput = {
  readonly audience?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keySet?: unknown;
  readonly name?: string | null | undefined;
  readonly preset?: TokenPreset | null | undefined;
  readonly realm: string;
  readonly url?: string | null | undefined;
};

export type UnbindPolicyInput = {
  readonly bindingId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
};

export type UndoRolloutInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly rolloutId: string;
};

export type UndoRotationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId?: string | null | undefined;
};

export type UpdateAccountInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly noticesByMail?: boolean | null | undefined;
};

export type UpdateBindingInput = {
  readonly bindingId: string;
  readonly config?: unknown;
  readonly effectiveAt?: string | null | undefined;
  readonly followsModule?: boolean | null | undefined;
  readonly hash?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly mode?: BindingMode | null | undefined;
  readonly noticePeriod?: string | null | undefined;
  readonly previewToken?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly selector?: KeySelector | null | undefined;
  readonly withoutNoticeReason?: string | null | undefined;
};

export type UpdateIssuerInput = {
  readonly audience?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly issuerId: string;
  readonly keySet?: unknown;
  readonly name?: string | null | undefined;
};

export type UpdateKeyInput = {
  readonly allowedAddresses?: ReadonlyArray<string> | null | undefined;
  readonly description?: string | null | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keyId: string;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly metadata?: unknown;
  readonly name?: string | null | undefined;
  readonly removeLabels?: ReadonlyArray<string> | null | undefined;
  readonly scopes?: ReadonlyArray<ScopeInput> | null | undefined;
  readonly setLabels?: ReadonlyArray<LabelInput> | null | undefined;
};

export type UpdateRealmInput = {
  readonly ceilings?: ReadonlyArray<CeilingInput> | null | undefined;
  readonly foldsCase?: boolean | null | undefined;
  readonly foreignSecrets?: ForeignSecretsInput | null | undefined;
  readonly freezes?: ReadonlyArray<FreezeInput> | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly leakResponse?: LeakResponse | null | undefined;
  readonly longestLifetime?: string | null | undefined;
  readonly longestShift?: string | null | undefined;
  readonly minimumNotice?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly portalOrigins?: ReadonlyArray<string> | null | undefined;
  readonly realm: string;
  readonly secretPrefix?: string | null | undefined;
  readonly settingsVersion?: string | null | undefined;
  readonly shortestLifetime?: string | null | undefined;
  readonly signedTokens?: boolean | null | undefined;
  readonly subjectCeilings?: ReadonlyArray<SubjectCeilingInput> | null | undefined;
  readonly subjectMail?: SubjectMailInput | null | undefined;
};

export type UpdateTokenRuleInput = {
  readonly claimLabels?: ReadonlyArray<ClaimLabelInput> | null | undefined;
  readonly conditions?: ReadonlyArray<ClaimConditionInput> | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly name?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly ruleId: string;
  readonly scopes?: ReadonlyArray<ScopeInput> | null | undefined;
};

export type UpdateWebhookInput = {
  readonly description?: string | null | undefined;
  readonly filter?: WebhookFilter | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly webhookId: string;
};

export type WarningCode =
  | 'BROWNOUT_AHEAD'
  | 'WILL_STOP'
  | 'WILL_STOP_SOONER';

export type WebhookFilter = {
  readonly keyIds?: ReadonlyArray<string> | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly types?: ReadonlyArray<EventType> | null | undefined;
};

export type WebhookState =
  | 'ACTIVE'
  | 'ENDED'
  | 'PAUSED';

export type WithdrawInvitationInput = {
  readonly idempotencyKey?: string | null | undefined;
  readonly invitationId: string;
};

export type LiveSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LiveSubscription = { readonly events: { readonly cursor: string, readonly type: EventType, readonly at: string, readonly keyId: string | null, readonly key: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
      , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null, readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> } | null } };

export type PortalOfPageQueryVariables = Exact<{ [key: string]: never; }>;


export type PortalOfPageQuery = { readonly logCursor: string, readonly portalSession: { readonly sessionId: string, readonly may: ReadonlyArray<PortalAction>, readonly expiresAt: string, readonly issuableScopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly subject: { readonly id: string, readonly realm: { readonly slug: string } } } | null };

export type PortalEndOfLogQueryVariables = Exact<{ [key: string]: never; }>;


export type PortalEndOfLogQuery = { readonly logCursor: string };

export type EventRowFragment = { readonly id: string, readonly cursor: string, readonly type: EventType, readonly at: string, readonly recordedAt: string, readonly keyId: string | null, readonly reason: string | null, readonly data: unknown, readonly key: { readonly id: string, readonly name: string } | null, readonly owner:
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
   | null, readonly realm: { readonly slug: string, readonly name: string } | null, readonly actor: { readonly kind: ActorKind, readonly id: string | null, readonly name: string | null } | null };

export type LatestEventsQueryVariables = Exact<{
  filter?: EventFilter | null | undefined;
}>;


export type LatestEventsQuery = { readonly logCursor: string, readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly cursor: string, readonly type: EventType, readonly at: string, readonly recordedAt: string, readonly keyId: string | null, readonly reason: string | null, readonly data: unknown, readonly key: { readonly id: string, readonly name: string } | null, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         | null, readonly realm: { readonly slug: string, readonly name: string } | null, readonly actor: { readonly kind: ActorKind, readonly id: string | null, readonly name: string | null } | null } }>, readonly pageInfo: { readonly hasPreviousPage: boolean, readonly startCursor: string | null } } };

export type EarlierEventsQueryVariables = Exact<{
  before: string;
  filter?: EventFilter | null | undefined;
}>;


export type EarlierEventsQuery = { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly cursor: string, readonly type: EventType, readonly at: string, readonly recordedAt: string, readonly keyId: string | null, readonly reason: string | null, readonly data: unknown, readonly key: { readonly id: string, readonly name: string } | null, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         | null, readonly realm: { readonly slug: string, readonly name: string } | null, readonly actor: { readonly kind: ActorKind, readonly id: string | null, readonly name: string | null } | null } }>, readonly pageInfo: { readonly hasPreviousPage: boolean, readonly startCursor: string | null } } };

export type LaterEventsQueryVariables = Exact<{
  after: string;
  filter?: EventFilter | null | undefined;
}>;


export type LaterEventsQuery = { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly cursor: string, readonly type: EventType, readonly at: string, readonly recordedAt: string, readonly keyId: string | null, readonly reason: string | null, readonly data: unknown, readonly key: { readonly id: string, readonly name: string } | null, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         | null, readonly realm: { readonly slug: string, readonly name: string } | null, readonly actor: { readonly kind: ActorKind, readonly id: string | null, readonly name: string | null } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type SettingsInForceQueryVariables = Exact<{ [key: string]: never; }>;


export type SettingsInForceQuery = { readonly settings: ReadonlyArray<{ readonly name: string, readonly description: string, readonly accepts: string, readonly isSecret: boolean, readonly source: SettingSource, readonly value: string | null, readonly defaultText: string }> };

export type GatewayOfPageQueryVariables = Exact<{ [key: string]: never; }>;


export type GatewayOfPageQuery = { readonly gatewayNodes: ReadonlyArray<{ readonly nodeId: string, readonly isAnswering: boolean, readonly seenAt: string, readonly startedAt: string | null, readonly release: string | null, readonly formats: ReadonlyArray<string>, readonly modules: ReadonlyArray<{ readonly hash: string, readonly name: string | null, readonly isCurrent: boolean }> }> };

export type WorkKeyFragment = { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly owner:
    | { readonly name: string }
    | { readonly name: string }
    | { readonly name: string }
   };

export type WorkQueryVariables = Exact<{
  soon: string;
  week: string;
}>;


export type WorkQuery = { readonly endedCount: number, readonly leakedCount: number, readonly heldCount: number, readonly stalledCount: number, readonly keyCounts: { readonly keyCount: number, readonly stopsSoonByHand: number, readonly byStanding: ReadonlyArray<{ readonly standing: Standing, readonly keyCount: number }> }, readonly leaked: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly holds: ReadonlyArray<{ readonly source: string, readonly reason: string, readonly since: string }>, readonly owner:
          | { readonly name: string }
          | { readonly name: string }
          | { readonly name: string }
         } }> }, readonly stopping: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly renewalInfo: { readonly allowed: boolean, readonly mode: RenewalMode }, readonly owner:
          | { readonly name: string }
          | { readonly name: string }
          | { readonly name: string }
         } }> }, readonly stalled: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly rotation: { readonly previousRetiresAt: string, readonly notMoved: ReadonlyArray<string> } | null, readonly owner:
          | { readonly name: string }
          | { readonly name: string }
          | { readonly name: string }
         } }> }, readonly held: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly holds: ReadonlyArray<{ readonly source: string, readonly reason: string, readonly since: string }>, readonly owner:
          | { readonly name: string }
          | { readonly name: string }
          | { readonly name: string }
         } }> }, readonly dormant: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly owner:
          | { readonly name: string }
          | { readonly name: string }
          | { readonly name: string }
         } }> }, readonly beforeNextUse: ReadonlyArray<{ readonly since: string, readonly key: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly cadence: { readonly nextUseFrom: string } | null } | null }>, readonly breakage: { readonly breakages: { readonly edges: ReadonlyArray<{ readonly node: { readonly consumer: string, readonly outcome: Outcome, readonly at: string, readonly lastUsedAt: string, readonly key: { readonly state: KeyState, readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly viewerCan: ReadonlyArray<KeyAction>, readonly owner:
              | { readonly name: string }
              | { readonly name: string }
              | { readonly name: string }
             } } }> } }, readonly proposals: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly reason: string, readonly total: number, readonly startedAt: string, readonly actor: { readonly id: string | null, readonly name: string | null } | null } }> }, readonly brakes: ReadonlyArray<{ readonly since: string, readonly brake: { readonly id: string, readonly waitingCount: number, readonly binding: { readonly id: string, readonly title: string }, readonly realm: { readonly name: string } } | null }>, readonly broken: ReadonlyArray<{ readonly since: string, readonly binding: { readonly id: string, readonly title: string, readonly fault: { readonly message: string } | null, readonly realm: { readonly name: string } } | null }>, readonly deliveries: ReadonlyArray<{ readonly since: string, readonly webhook: { readonly id: string, readonly url: string, readonly reason: string | null } | null, readonly key: { readonly id: string, readonly name: string, readonly stopsAt: string | null, readonly owner:
        | { readonly name: string }
        | { readonly name: string }
        | { readonly name: string }
       } | null }> };

export type AcceptOnPageMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptOnPageMutation = { readonly acceptInvitation:
    | { readonly account: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

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

export type ChangeKeysOnPageMutationVariables = Exact<{
  input: ChangeKeysInput;
}>;


export type ChangeKeysOnPageMutation = { readonly changeKeys:
    | { readonly matchedCount: number, readonly confirmation: string | null, readonly byOwner: ReadonlyArray<{ readonly keyCount: number, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         }>, readonly operation: { readonly id: string } | null }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type KeyPageQueryVariables = Exact<{
  filter?: KeyFilter | null | undefined;
  order: KeyOrder;
  after?: string | null | undefined;
}>;


export type KeyPageQuery = { readonly keys: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
        , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null, readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

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
  , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null, readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> };

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

export type ConfirmOnPageMutationVariables = Exact<{
  input: ConfirmRotationInput;
}>;


export type ConfirmOnPageMutation = { readonly confirmRotation:
    | { readonly key: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
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


export type KeyOfPageQuery = { readonly key: { readonly description: string | null, readonly allowedAddresses: ReadonlyArray<string>, readonly notBefore: string | null, readonly stopsBasis: StopBasis | null, readonly isExchanged: boolean, readonly viewerCan: ReadonlyArray<KeyAction>, readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly realm: { readonly slug: string, readonly name: string }, readonly issuedBy: { readonly kind: ActorKind, readonly name: string | null } | null, readonly holds: ReadonlyArray<{ readonly source: string, readonly reason: string, readonly since: string }>, readonly explanation: { readonly summary: string }, readonly renewalInfo: { readonly allowed: boolean, readonly mode: RenewalMode, readonly reason: string, readonly suggestedAt: string | null }, readonly secrets: ReadonlyArray<{ readonly generation: number, readonly start: string, readonly createdAt: string, readonly lastUsedAt: string | null, readonly retiresAt: string | null }>, readonly rotation: { readonly startedAt: string, readonly previousRetiresAt: string, readonly moved: ReadonlyArray<string>, readonly notMoved: ReadonlyArray<string>, readonly hasUnlabelled: boolean } | null, readonly cadence: { readonly interval: string, readonly intervalCount: number, readonly confidence: CadenceConfidence, readonly nextUseFrom: string, readonly nextUseTo: string } | null, readonly usage: { readonly consumers: ReadonlyArray<{ readonly name: string, readonly generation: number, readonly count: number, readonly lastUsedAt: string }>, readonly days: ReadonlyArray<{ readonly day: string, readonly outcome: Outcome, readonly count: number }>, readonly breakages: ReadonlyArray<{ readonly consumer: string, readonly outcome: Outcome, readonly at: string, readonly lastUsedAt: string }> }, readonly owner:
      | { readonly id: string, readonly name: string }
      | { readonly id: string, readonly name: string }
      | { readonly id: string, readonly name: string }
    , readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> } | null };

export type KeyHistoryQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type KeyHistoryQuery = { readonly key: { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: EventType, readonly at: string, readonly reason: string | null, readonly actor: { readonly kind: ActorKind, readonly name: string | null } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type TransferOnPageMutationVariables = Exact<{
  input: TransferKeyInput;
}>;


export type TransferOnPageMutation = { readonly transferKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } }
   };

export type UpdateOnPageMutationVariables = Exact<{
  input: UpdateKeyInput;
}>;


export type UpdateOnPageMutation = { readonly updateKey:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly key: { readonly id: string } }
   };

export type LeaksOfPageQueryVariables = Exact<{ [key: string]: never; }>;


export type LeaksOfPageQuery = { readonly leaks: { readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly reportedAt: string, readonly reportedBy: string, readonly foundIn: string | null, readonly url: string | null, readonly outcome: LeakOutcome, readonly secret: { readonly generation: number, readonly start: string, readonly retiresAt: string | null }, readonly key: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly realm: { readonly slug: string, readonly name: string }, readonly secrets: ReadonlyArray<{ readonly generation: number, readonly start: string, readonly retiresAt: string | null }>, readonly owner:
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
          , readonly rotation: { readonly previousRetiresAt: string } | null, readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type OperationOfPageQueryVariables = Exact<{
  id: string;
}>;


export type OperationOfPageQuery = { readonly operation: { readonly id: string, readonly kind: string, readonly state: OperationState, readonly isUndoing: boolean, readonly canUndo: boolean, readonly reason: string, readonly total: number, readonly done: number, readonly failed: number, readonly skipped: number, readonly undone: number, readonly newlyMatched: number, readonly startedAt: string, readonly endedAt: string | null, readonly actor: { readonly id: string | null, readonly name: string | null } | null, readonly approvedBy: { readonly name: string | null } | null, readonly realm: { readonly name: string }, readonly organization: { readonly name: string } | null, readonly left: { readonly edges: ReadonlyArray<{ readonly node: { readonly keyId: string, readonly state: OperationKeyState, readonly message: string | null, readonly key: { readonly name: string } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } | null };

export type OperationListQueryVariables = Exact<{
  realm?: string | null | undefined;
  states?: ReadonlyArray<OperationState> | OperationState | null | undefined;
  after?: string | null | undefined;
}>;


export type OperationListQuery = { readonly operations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly kind: string, readonly state: OperationState, readonly isUndoing: boolean, readonly reason: string, readonly total: number, readonly done: number, readonly failed: number, readonly skipped: number, readonly startedAt: string, readonly actor: { readonly name: string | null } | null, readonly realm: { readonly name: string }, readonly organization: { readonly name: string } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type OperationRealmsQueryVariables = Exact<{ [key: string]: never; }>;


export type OperationRealmsQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> } };

export type PauseOnPageMutationVariables = Exact<{
  input: OperationInput;
}>;


export type PauseOnPageMutation = { readonly pauseOperation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly operation: { readonly id: string } }
   };

export type ContinueOnPageMutationVariables = Exact<{
  input: OperationInput;
}>;


export type ContinueOnPageMutation = { readonly resumeOperation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly operation: { readonly id: string } }
   };

export type StopOnPageMutationVariables = Exact<{
  input: OperationInput;
}>;


export type StopOnPageMutation = { readonly stopOperation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly operation: { readonly id: string } }
   };

export type UndoOperationOnPageMutationVariables = Exact<{
  input: OperationInput;
}>;


export type UndoOperationOnPageMutation = { readonly undoOperation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly operation: { readonly id: string } }
   };

export type ApproveOnPageMutationVariables = Exact<{
  input: OperationInput;
}>;


export type ApproveOnPageMutation = { readonly approveOperation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly operation: { readonly id: string } }
   };

export type OrganizationListQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type OrganizationListQuery = { readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly members: ReadonlyArray<{ readonly role: Role, readonly account: { readonly name: string } }> } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type OwnInvitationsQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnInvitationsQuery = { readonly viewer:
    | { readonly membershipInvitations: ReadonlyArray<{ readonly organizationId: string, readonly organizationName: string, readonly role: Role, readonly invitedBy: string, readonly expiresAt: string }> }
    | Record<PropertyKey, never>
   };

export type OrganizationOfPageQueryVariables = Exact<{
  id: string;
}>;


export type OrganizationOfPageQuery = { readonly organization: { readonly id: string, readonly name: string, readonly createdAt: string, readonly members: ReadonlyArray<{ readonly role: Role, readonly since: string, readonly account: { readonly id: string, readonly name: string, readonly disabledAt: string | null } }>, readonly invitations: ReadonlyArray<{ readonly accountId: string, readonly role: Role, readonly invitedBy: string, readonly expiresAt: string }> } | null };

export type CreateOrganizationOnPageMutationVariables = Exact<{
  input: CreateOrganizationInput;
}>;


export type CreateOrganizationOnPageMutation = { readonly createOrganization:
    | { readonly organization: { readonly id: string } }
    | { readonly code: string, readonly message: string }
   };

export type RenameOrganizationOnPageMutationVariables = Exact<{
  input: RenameOrganizationInput;
}>;


export type RenameOrganizationOnPageMutation = { readonly renameOrganization:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly organization: { readonly id: string } }
   };

export type SetMemberOnPageMutationVariables = Exact<{
  input: SetMemberInput;
}>;


export type SetMemberOnPageMutation = { readonly setMember:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly isInvited: boolean, readonly organization: { readonly id: string } }
   };

export type OwnAccountQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnAccountQuery = { readonly viewer:
    | { readonly id: string, readonly name: string, readonly email: string | null, readonly noticesByMail: boolean | null, readonly sessionCount: number, readonly sessions: ReadonlyArray<{ readonly sessionId: string, readonly startedAt: string, readonly expiresAt: string, readonly isCurrent: boolean, readonly device: { readonly program: string, readonly name: string, readonly address: string } | null }> }
    | Record<PropertyKey, never>
   };

export type UpdateAccountOnPageMutationVariables = Exact<{
  input: UpdateAccountInput;
}>;


export type UpdateAccountOnPageMutation = { readonly updateAccount:
    | { readonly code: string, readonly message: string }
    | { readonly account: { readonly id: string } }
   };

export type ChangePasswordOnPageMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordOnPageMutation = { readonly changePassword:
    | { readonly account: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type WaitingDeviceOnPageQueryVariables = Exact<{
  userCode: string;
}>;


export type WaitingDeviceOnPageQuery = { readonly waitingDevice: { readonly program: string, readonly deviceName: string, readonly address: string, readonly askedAt: string } | null };

export type ConfirmDeviceOnPageMutationVariables = Exact<{
  input: ConfirmDeviceInput;
}>;


export type ConfirmDeviceOnPageMutation = { readonly confirmDevice:
    | { readonly deviceName: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type RefuseDeviceOnPageMutationVariables = Exact<{
  input: RefuseDeviceInput;
}>;


export type RefuseDeviceOnPageMutation = { readonly refuseDevice:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly deviceName: string }
   };

export type PeopleQueryVariables = Exact<{
  filter?: AccountFilter | null | undefined;
}>;


export type PeopleQuery = { readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly email: string | null, readonly isAdministrator: boolean, readonly disabledAt: string | null, readonly lastSignInAt: string | null, readonly memberships: ReadonlyArray<{ readonly role: Role, readonly organization: { readonly name: string } }> } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type InvitationListQueryVariables = Exact<{ [key: string]: never; }>;


export type InvitationListQuery = { readonly invitations: { readonly edges: ReadonlyArray<{ readonly node: { readonly invitationId: string, readonly email: string, readonly isAdministrator: boolean, readonly organizationName: string | null, readonly role: Role | null, readonly invitedBy: string, readonly expiresAt: string } }> } };

export type PersonOfPageQueryVariables = Exact<{
  id: string;
}>;


export type PersonOfPageQuery = { readonly node:
    | { readonly id: string, readonly name: string, readonly email: string | null, readonly isAdministrator: boolean, readonly createdAt: string, readonly disabledAt: string | null, readonly lastSignInAt: string | null, readonly noticesByMail: boolean | null, readonly sessionCount: number, readonly memberships: ReadonlyArray<{ readonly role: Role, readonly organization: { readonly id: string, readonly name: string } }>, readonly sessions: ReadonlyArray<{ readonly sessionId: string, readonly startedAt: string, readonly expiresAt: string, readonly isCurrent: boolean, readonly device: { readonly program: string, readonly name: string, readonly address: string } | null }> }
    | Record<PropertyKey, never>
   | null };

export type InviteChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type InviteChoicesQuery = { readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> }, readonly viewer:
    | { readonly memberships: ReadonlyArray<{ readonly role: Role, readonly organization: { readonly id: string } }> }
    | Record<PropertyKey, never>
   };

export type WithdrawOnPageMutationVariables = Exact<{
  input: WithdrawInvitationInput;
}>;


export type WithdrawOnPageMutation = { readonly withdrawInvitation:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly invitationId: string }
   };

export type DisableAccountOnPageMutationVariables = Exact<{
  input: DisableAccountInput;
}>;


export type DisableAccountOnPageMutation = { readonly disableAccount:
    | { readonly code: string, readonly message: string }
    | { readonly account: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type SetAdministratorOnPageMutationVariables = Exact<{
  input: SetAdministratorInput;
}>;


export type SetAdministratorOnPageMutation = { readonly setAdministrator:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly account: { readonly id: string } }
   };

export type BindOnPageMutationVariables = Exact<{
  input: BindPolicyInput;
}>;


export type BindOnPageMutation = { readonly bindPolicy:
    | { readonly binding: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type UpdateBindingOnPageMutationVariables = Exact<{
  input: UpdateBindingInput;
}>;


export type UpdateBindingOnPageMutation = { readonly updateBinding:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly binding: { readonly id: string } }
   };

export type UnbindOnPageMutationVariables = Exact<{
  input: UnbindPolicyInput;
}>;


export type UnbindOnPageMutation = { readonly unbindPolicy:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly binding: { readonly id: string } }
   };

export type ReleaseBrakeOnPageMutationVariables = Exact<{
  input: ReleaseBrakeInput;
}>;


export type ReleaseBrakeOnPageMutation = { readonly releaseBrake:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly brake: { readonly id: string } }
   };

export type CancelBrakeOnPageMutationVariables = Exact<{
  input: CancelBrakeInput;
}>;


export type CancelBrakeOnPageMutation = { readonly cancelBrake:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly brake: { readonly id: string } }
    | { readonly code: string, readonly message: string }
   };

export type BindingRowFragment = { readonly id: string, readonly policy: string, readonly title: string, readonly hash: string, readonly mode: BindingMode, readonly health: BindingHealth, readonly selector: unknown, readonly effectiveAt: string, readonly unboundAt: string | null, readonly fault: { readonly kind: string, readonly message: string, readonly keyCount: number, readonly since: string, readonly retryAt: string } | null, readonly progress: { readonly done: number, readonly total: number } | null };

export type BrakeRowFragment = { readonly id: string, readonly engagedAt: string, readonly waitingCount: number, readonly binding: { readonly id: string } };

export type PolicyRealmsQueryVariables = Exact<{ [key: string]: never; }>;


export type PolicyRealmsQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> }, readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> }, readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> }, readonly problems: ReadonlyArray<{ readonly kind: ProblemKind, readonly since: string, readonly binding: { readonly id: string, readonly title: string, readonly realm: { readonly name: string } } | null, readonly brake: { readonly id: string, readonly binding: { readonly id: string, readonly title: string }, readonly realm: { readonly name: string } } | null }> };

export type PoliciesOfRealmQueryVariables = Exact<{
  realm: string;
}>;


export type PoliciesOfRealmQuery = { readonly realm: { readonly slug: string, readonly name: string, readonly bindings: ReadonlyArray<{ readonly id: string, readonly policy: string, readonly title: string, readonly hash: string, readonly mode: BindingMode, readonly health: BindingHealth, readonly selector: unknown, readonly effectiveAt: string, readonly unboundAt: string | null, readonly fault: { readonly kind: string, readonly message: string, readonly keyCount: number, readonly since: string, readonly retryAt: string } | null, readonly progress: { readonly done: number, readonly total: number } | null }>, readonly brakes: ReadonlyArray<{ readonly id: string, readonly engagedAt: string, readonly waitingCount: number, readonly binding: { readonly id: string } }> } | null, readonly policies: ReadonlyArray<{ readonly name: string, readonly hash: string, readonly title: string, readonly summary: string, readonly decides: ReadonlyArray<PolicyDecision>, readonly isCurrent: boolean }> };

export type PolicyModulesQueryVariables = Exact<{ [key: string]: never; }>;


export type PolicyModulesQuery = { readonly policies: ReadonlyArray<{ readonly name: string, readonly version: string, readonly hash: string, readonly title: string, readonly summary: string, readonly decides: ReadonlyArray<PolicyDecision>, readonly documentation: string | null, readonly configSchema: unknown, readonly isCurrent: boolean }>, readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string, readonly minimumNotice: string } }> }, readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> }, readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }> } };

export type BindingOfPageQueryVariables = Exact<{
  id: string;
}>;


export type BindingOfPageQuery = { readonly node:
    | { readonly id: string }
    | { readonly config: unknown, readonly revision: number, readonly reason: string | null, readonly createdAt: string, readonly changedAt: string, readonly noticePeriod: string, readonly followsModule: boolean, readonly id: string, readonly policy: string, readonly title: string, readonly hash: string, readonly mode: BindingMode, readonly health: BindingHealth, readonly selector: unknown, readonly effectiveAt: string, readonly unboundAt: string | null, readonly realm: { readonly slug: string, readonly name: string, readonly brakes: ReadonlyArray<{ readonly id: string, readonly engagedAt: string, readonly waitingCount: number, readonly waiting: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly owner:
                  | { readonly id: string, readonly name: string }
                  | { readonly id: string, readonly name: string }
                  | { readonly id: string, readonly name: string }
                 } }> }, readonly binding: { readonly id: string } }> }, readonly fault: { readonly kind: string, readonly message: string, readonly keyCount: number, readonly since: string, readonly retryAt: string } | null, readonly progress: { readonly done: number, readonly total: number } | null }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
   | null };

export type DecisionsOfBindingQueryVariables = Exact<{
  id: string;
  types?: ReadonlyArray<EventType> | EventType | null | undefined;
}>;


export type DecisionsOfBindingQuery = { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: EventType, readonly at: string, readonly reason: string | null, readonly keyId: string | null, readonly key: { readonly name: string } | null } }> } };

export type HistoryOfBindingsQueryVariables = Exact<{
  realm: string;
  types?: ReadonlyArray<EventType> | EventType | null | undefined;
}>;


export type HistoryOfBindingsQuery = { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: EventType, readonly at: string, readonly reason: string | null, readonly data: unknown, readonly actor: { readonly name: string | null } | null } }> } };

export type PreviewOnPageQueryVariables = Exact<{
  input: PreviewPolicyInput;
}>;


export type PreviewOnPageQuery = { readonly previewPolicy: { readonly at: string, readonly previewToken: string, readonly realmKeyCount: number, readonly selectedKeyCount: number, readonly nearerCount: number, readonly furtherCount: number, readonly unchangedCount: number, readonly faultCount: number, readonly withoutAutomationCount: number, readonly brakeShare: number, readonly faults: ReadonlyArray<{ readonly kind: string, readonly message: string, readonly keyCount: number }>, readonly findings: ReadonlyArray<{ readonly code: PolicyFindingCode, readonly severity: PolicyFindingSeverity, readonly message: string, readonly keyCount: number, readonly ownerCount: number, readonly owners: ReadonlyArray<
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
      >, readonly keys: ReadonlyArray<{ readonly id: string, readonly name: string }> }>, readonly byWeek: ReadonlyArray<{ readonly startsAt: string, readonly before: number, readonly after: number }>, readonly byOwner: ReadonlyArray<{ readonly keyCount: number, readonly nearerCount: number, readonly nearerByWeek: ReadonlyArray<number>, readonly owner:
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
       }>, readonly changes: { readonly edges: ReadonlyArray<{ readonly node: { readonly before: string | null, readonly after: string | null, readonly isNearer: boolean, readonly wasRenewed: boolean, readonly key: { readonly id: string, readonly name: string, readonly owner:
              | { readonly id: string, readonly name: string }
              | { readonly id: string, readonly name: string }
              | { readonly id: string, readonly name: string }
             }, readonly reason: { readonly sentence: string } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } };

export type ReplayOnPageQueryVariables = Exact<{
  input: PreviewPolicyInput;
}>;


export type ReplayOnPageQuery = { readonly previewPolicy: { readonly replay: { readonly from: string, readonly keyCount: number, readonly jobCount: number, readonly failedJobCount: number, readonly failedKeyCount: number, readonly failedConsumerCount: number, readonly failedOwnerCount: number, readonly selfRenewingJobCount: number, readonly faultCount: number, readonly byDay: ReadonlyArray<{ readonly day: string, readonly jobCount: number, readonly failedCount: number, readonly firstFailedCount: number }>, readonly owners: ReadonlyArray<{ readonly jobCount: number, readonly failedCount: number, readonly failedKeyCount: number, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         }>, readonly consumers: ReadonlyArray<{ readonly consumer: string | null, readonly jobCount: number, readonly failedCount: number, readonly failedDays: ReadonlyArray<string>, readonly key: { readonly id: string, readonly name: string } }> } | null } };

export type TrustedIssuersQueryVariables = Exact<{
  realm: string;
}>;


export type TrustedIssuersQuery = { readonly realm: { readonly name: string, readonly issuers: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly url: string, readonly preset: TokenPreset | null, readonly audience: string, readonly keySet: unknown, readonly createdAt: string, readonly changedAt: string, readonly rules: { readonly edges: ReadonlyArray<{ readonly cursor: string }> } } }> } } | null };

export type TrustIssuerOnPageMutationVariables = Exact<{
  input: TrustIssuerInput;
}>;


export type TrustIssuerOnPageMutation = { readonly trustIssuer:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly issuer: { readonly id: string, readonly audience: string } }
   };

export type UpdateIssuerOnPageMutationVariables = Exact<{
  input: UpdateIssuerInput;
}>;


export type UpdateIssuerOnPageMutation = { readonly updateIssuer:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly issuer: { readonly id: string } }
   };

export type DistrustIssuerOnPageMutationVariables = Exact<{
  input: DistrustIssuerInput;
}>;


export type DistrustIssuerOnPageMutation = { readonly distrustIssuer:
    | { readonly issuer: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type RealmListQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type RealmListQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string, readonly secretPrefix: string, readonly longestLifetime: string, readonly actions: ReadonlyArray<{ readonly name: string, readonly retiredAt: string | null }> } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type RealmOfPageQueryVariables = Exact<{
  slug: string;
}>;


export type RealmOfPageQuery = { readonly realm: { readonly id: string, readonly slug: string, readonly name: string, readonly secretPrefix: string, readonly shortestLifetime: string, readonly longestLifetime: string, readonly minimumNotice: string, readonly longestShift: string, readonly leakResponse: LeakResponse, readonly signedTokens: boolean, readonly foldsCase: boolean, readonly portalOrigins: ReadonlyArray<string>, readonly rolesWithoutCeiling: ReadonlyArray<Role>, readonly settingsVersion: string, readonly subjectMail: { readonly senderName: string, readonly replyTo: string | null, readonly keysPage: string | null } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly description: string, readonly retiredAt: string | null }>, readonly ceilings: ReadonlyArray<{ readonly role: Role, readonly action: string, readonly resource: string }>, readonly subjectCeilings: ReadonlyArray<{ readonly label: { readonly name: string, readonly value: string } | null, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }> }>, readonly freezes: ReadonlyArray<{ readonly from: string, readonly to: string, readonly reason: string }>, readonly foreignSecrets: { readonly pattern: string, readonly randomBits: number } | null } | null };

export type CreateRealmOnPageMutationVariables = Exact<{
  input: CreateRealmInput;
}>;


export type CreateRealmOnPageMutation = { readonly createRealm:
    | { readonly realm: { readonly slug: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type UpdateRealmOnPageMutationVariables = Exact<{
  input: UpdateRealmInput;
}>;


export type UpdateRealmOnPageMutation = { readonly updateRealm:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly warnings: ReadonlyArray<string>, readonly realm: { readonly id: string } }
   };

export type DefineActionOnPageMutationVariables = Exact<{
  input: DefineActionInput;
}>;


export type DefineActionOnPageMutation = { readonly defineAction:
    | { readonly code: string, readonly message: string }
    | { readonly realm: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type RetireActionOnPageMutationVariables = Exact<{
  input: RetireActionInput;
}>;


export type RetireActionOnPageMutation = { readonly retireAction:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly realm: { readonly id: string } }
   };

export type BreakageDuringRolloutQueryVariables = Exact<{
  id: string;
}>;


export type BreakageDuringRolloutQuery = { readonly rollout: { readonly breakage: { readonly breakageCount: number, readonly consumerCount: number, readonly keyCount: number, readonly ownerCount: number, readonly breakages: { readonly edges: ReadonlyArray<{ readonly node: { readonly consumer: string, readonly outcome: Outcome, readonly at: string, readonly lastUsedAt: string, readonly key: { readonly id: string, readonly name: string, readonly owner:
                | { readonly name: string }
                | { readonly name: string }
                | { readonly name: string }
               } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } } | null };

export type OpenRolloutsQueryVariables = Exact<{
  realm: string;
}>;


export type OpenRolloutsQuery = { readonly rollouts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly title: string, readonly binding: { readonly id: string } } }> } };

export type AnsweringOwnersQueryVariables = Exact<{ [key: string]: never; }>;


export type AnsweringOwnersQuery = { readonly viewer:
    | { readonly id: string, readonly name: string, readonly memberships: ReadonlyArray<{ readonly role: Role, readonly organization: { readonly id: string, readonly name: string } }> }
    | Record<PropertyKey, never>
   };

export type OwnKeyFragment = { readonly id: string, readonly name: string, readonly createdAt: string, readonly stopsAt: string | null, readonly automation: KeyAutomation, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly usage: { readonly consumers: ReadonlyArray<{ readonly name: string }> } };

export type KeysOfRolloutQueryVariables = Exact<{
  id: string;
  realm: string;
  owner: string;
  first: number;
}>;


export type KeysOfRolloutQuery = { readonly rollout: { readonly myKeys: { readonly edges: ReadonlyArray<{ readonly node: { readonly stopsAtWith: string | null, readonly isReached: boolean, readonly key: { readonly id: string, readonly name: string, readonly createdAt: string, readonly stopsAt: string | null, readonly automation: KeyAutomation, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly usage: { readonly consumers: ReadonlyArray<{ readonly name: string }> } } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } | null, readonly keys: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly createdAt: string, readonly stopsAt: string | null, readonly automation: KeyAutomation, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly usage: { readonly consumers: ReadonlyArray<{ readonly name: string }> } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type AnswerOnPageMutationVariables = Exact<{
  input: AnswerRolloutInput;
}>;


export type AnswerOnPageMutation = { readonly answerRollout:
    | { readonly answerId: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type ProposeOnPageMutationVariables = Exact<{
  input: ProposeRolloutInput;
}>;


export type ProposeOnPageMutation = { readonly proposeRollout:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly rollout: { readonly id: string } }
    | { readonly code: string, readonly message: string }
   };

export type AdvanceOnPageMutationVariables = Exact<{
  input: AdvanceRolloutInput;
}>;


export type AdvanceOnPageMutation = { readonly advanceRollout:
    | { readonly rollout: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type PauseRolloutOnPageMutationVariables = Exact<{
  input: PauseRolloutInput;
}>;


export type PauseRolloutOnPageMutation = { readonly pauseRollout:
    | { readonly code: string, readonly message: string }
    | { readonly rollout: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type ResumeRolloutOnPageMutationVariables = Exact<{
  input: ResumeRolloutInput;
}>;


export type ResumeRolloutOnPageMutation = { readonly resumeRollout:
    | { readonly code: string, readonly message: string }
    | { readonly rollout: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type UndoRolloutOnPageMutationVariables = Exact<{
  input: UndoRolloutInput;
}>;


export type UndoRolloutOnPageMutation = { readonly undoRollout:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly rollout: { readonly id: string } }
   };

export type ReplyOnPageMutationVariables = Exact<{
  input: ReplyToAnswerInput;
}>;


export type ReplyOnPageMutation = { readonly replyToAnswer:
    | { readonly code: string, readonly message: string }
    | { readonly answerId: string }
    | { readonly code: string, readonly message: string }
   };

export type DecideExceptionOnPageMutationVariables = Exact<{
  input: DecideExceptionInput;
}>;


export type DecideExceptionOnPageMutation = { readonly decideException:
    | { readonly answerId: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type EventsOfRolloutsQueryVariables = Exact<{
  realm: string;
  types?: ReadonlyArray<EventType> | EventType | null | undefined;
}>;


export type EventsOfRolloutsQuery = { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: EventType, readonly at: string, readonly reason: string | null, readonly data: unknown, readonly actor: { readonly kind: ActorKind, readonly name: string | null } | null } }> } };

export type RolloutOfPageQueryVariables = Exact<{
  id: string;
}>;


export type RolloutOfPageQuery = { readonly rollout: { readonly id: string, readonly change: RolloutChange, readonly title: string, readonly explanation: string, readonly replacement: string | null, readonly sealedDigest: string | null, readonly state: RolloutState, readonly stage: number, readonly stageSince: string, readonly inForceSince: string | null, readonly nextStageAt: string | null, readonly waitsFor: ReadonlyArray<RolloutGate>, readonly isOverBudget: boolean, readonly previewedCount: number, readonly createdAt: string, readonly endedAt: string | null, readonly stages: ReadonlyArray<{ readonly kind: RolloutStageKind, readonly leastTime: string, readonly share: number | null, readonly windows: ReadonlyArray<string> }>, readonly before: { readonly revision: number, readonly config: unknown, readonly selector: unknown } | null, readonly after: { readonly revision: number, readonly hash: string, readonly config: unknown, readonly selector: unknown, readonly noticePeriod: string } | null, readonly budget: { readonly owners: number, readonly share: number | null }, readonly progress: { readonly total: number, readonly done: number, readonly restored: number }, readonly proposedBy: { readonly id: string | null, readonly name: string | null }, readonly approvedBy: { readonly name: string | null } | null, readonly realm: { readonly id: string, readonly slug: string, readonly name: string }, readonly binding: { readonly id: string, readonly policy: string, readonly title: string, readonly hash: string }, readonly answers: { readonly edges: ReadonlyArray<{ readonly node: { readonly answerId: string, readonly kind: RolloutAnswerKind, readonly text: string | null, readonly isPublic: boolean, readonly keyIds: ReadonlyArray<string>, readonly until: string | null, readonly brownout: boolean, readonly createdAt: string, readonly withdrawnAt: string | null, readonly reply: string | null, readonly repliedAt: string | null, readonly owner:
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
           | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } }, readonly exceptions: { readonly edges: ReadonlyArray<{ readonly node: { readonly exceptionId: string, readonly keyIds: ReadonlyArray<string>, readonly until: string, readonly reason: string, readonly state: RolloutExceptionState, readonly decision: string | null, readonly createdAt: string, readonly decidedAt: string | null, readonly endedAt: string | null, readonly owner:
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
           | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } | null };

export type RolloutListQueryVariables = Exact<{
  realm?: string | null | undefined;
  states?: ReadonlyArray<RolloutState> | RolloutState | null | undefined;
  after?: string | null | undefined;
}>;


export type RolloutListQuery = { readonly rollouts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly change: RolloutChange, readonly title: string, readonly state: RolloutState, readonly stage: number, readonly nextStageAt: string | null, readonly waitsFor: ReadonlyArray<RolloutGate>, readonly isOverBudget: boolean, readonly createdAt: string, readonly endedAt: string | null, readonly stages: ReadonlyArray<{ readonly kind: RolloutStageKind, readonly share: number | null }>, readonly proposedBy: { readonly name: string | null }, readonly realm: { readonly name: string }, readonly binding: { readonly title: string } } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } }, readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> } };

export type TokenExplanationQueryVariables = Exact<{
  input: ExplainTokenInput;
}>;


export type TokenExplanationQuery = { readonly explainToken: { readonly problems: ReadonlyArray<string>, readonly issuer: { readonly name: string, readonly url: string, readonly audience: string } | null, readonly rules: ReadonlyArray<{ readonly isMatch: boolean, readonly refused: string | null, readonly rule: { readonly id: string, readonly name: string }, readonly conditions: ReadonlyArray<{ readonly claim: string, readonly equals: string | null, readonly matches: string | null, readonly found: string | null, readonly holds: boolean }>, readonly omittedLabels: ReadonlyArray<{ readonly name: string, readonly claim: string, readonly problem: string }> }> } };

export type RuleOfPageFragment = { readonly id: string, readonly name: string, readonly createdAt: string, readonly changedAt: string, readonly removedAt: string | null, readonly owner:
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
  , readonly conditions: ReadonlyArray<{ readonly claim: string, readonly equals: string | null, readonly matches: string | null }>, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly claimLabels: ReadonlyArray<{ readonly name: string, readonly claim: string }>, readonly issuer: { readonly id: string, readonly name: string, readonly url: string, readonly audience: string, readonly realm: { readonly slug: string, readonly name: string } } };

export type RealmsWithRulesQueryVariables = Exact<{ [key: string]: never; }>;


export type RealmsWithRulesQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }> } };

export type IssuersOfRealmQueryVariables = Exact<{
  realm: string;
}>;


export type IssuersOfRealmQuery = { readonly realm: { readonly slug: string, readonly issuers: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly url: string, readonly audience: string, readonly preset: TokenPreset | null } }> } } | null };

export type RulesOfIssuerQueryVariables = Exact<{
  id: string;
}>;


export type RulesOfIssuerQuery = { readonly node:
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string, readonly rules: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly createdAt: string, readonly changedAt: string, readonly removedAt: string | null, readonly owner:
              | { readonly id: string, readonly name: string }
              | { readonly id: string, readonly name: string }
              | { readonly id: string, readonly name: string }
            , readonly conditions: ReadonlyArray<{ readonly claim: string, readonly equals: string | null, readonly matches: string | null }>, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly claimLabels: ReadonlyArray<{ readonly name: string, readonly claim: string }>, readonly issuer: { readonly id: string, readonly name: string, readonly url: string, readonly audience: string, readonly realm: { readonly slug: string, readonly name: string } } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } }
    | { readonly id: string }
   | null };

export type RuleByIdQueryVariables = Exact<{
  id: string;
}>;


export type RuleByIdQuery = { readonly node:
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string, readonly name: string, readonly createdAt: string, readonly changedAt: string, readonly removedAt: string | null, readonly owner:
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
      , readonly conditions: ReadonlyArray<{ readonly claim: string, readonly equals: string | null, readonly matches: string | null }>, readonly scopes: ReadonlyArray<{ readonly action: string, readonly resource: string }>, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly claimLabels: ReadonlyArray<{ readonly name: string, readonly claim: string }>, readonly issuer: { readonly id: string, readonly name: string, readonly url: string, readonly audience: string, readonly realm: { readonly slug: string, readonly name: string } } }
    | { readonly id: string }
    | { readonly id: string }
   | null };

export type KeysOfRuleQueryVariables = Exact<{
  id: string;
}>;


export type KeysOfRuleQuery = { readonly issued: number, readonly working: number, readonly keys: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly stopsAt: string | null, readonly lastUsedAt: string | null, readonly createdAt: string, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
        , readonly secrets: ReadonlyArray<{ readonly start: string, readonly retiresAt: string | null }>, readonly rotation: { readonly previousRetiresAt: string } | null, readonly warnings: ReadonlyArray<{ readonly code: WarningCode, readonly from: string }> } }> } };

export type RuleFormQueryVariables = Exact<{
  realm: string;
}>;


export type RuleFormQuery = { readonly realm: { readonly name: string, readonly foldsCase: boolean, readonly actions: ReadonlyArray<{ readonly name: string, readonly description: string, readonly retiredAt: string | null }>, readonly issuers: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly url: string, readonly preset: TokenPreset | null } }> } } | null };

export type AddRuleOnPageMutationVariables = Exact<{
  input: AddTokenRuleInput;
}>;


export type AddRuleOnPageMutation = { readonly addTokenRule:
    | { readonly rule: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type UpdateRuleOnPageMutationVariables = Exact<{
  input: UpdateTokenRuleInput;
}>;


export type UpdateRuleOnPageMutation = { readonly updateTokenRule:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly rule: { readonly id: string } }
   };

export type RemoveRuleOnPageMutationVariables = Exact<{
  input: RemoveTokenRuleInput;
}>;


export type RemoveRuleOnPageMutation = { readonly removeTokenRule:
    | { readonly code: string, readonly message: string }
    | { readonly rule: { readonly id: string } }
    | { readonly code: string, readonly message: string }
   };

export type RevokeKeysOfRuleMutationVariables = Exact<{
  input: ChangeKeysInput;
}>;


export type RevokeKeysOfRuleMutation = { readonly changeKeys:
    | { readonly matchedCount: number, readonly confirmation: string | null, readonly byOwner: ReadonlyArray<{ readonly keyCount: number, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         }>, readonly operation: { readonly id: string, readonly state: OperationState } | null }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type WebhookRowFragment = { readonly id: string, readonly url: string, readonly description: string, readonly state: WebhookState, readonly reason: string | null, readonly deliveredAt: string | null, readonly nextAttemptAt: string | null, readonly waitingCount: number, readonly parkedCount: number, readonly owner:
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
   | null, readonly realm: { readonly slug: string, readonly name: string } | null };

export type WebhookOfPageFragment = { readonly createdAt: string, readonly changedAt: string, readonly endedAt: string | null, readonly types: ReadonlyArray<EventType>, readonly keyIds: ReadonlyArray<string>, readonly id: string, readonly url: string, readonly description: string, readonly state: WebhookState, readonly reason: string | null, readonly deliveredAt: string | null, readonly nextAttemptAt: string | null, readonly waitingCount: number, readonly parkedCount: number, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly secrets: ReadonlyArray<{ readonly generation: number, readonly publicKey: string, readonly createdAt: string, readonly retiresAt: string | null }>, readonly waiting: { readonly edges: ReadonlyArray<{ readonly node: { readonly since: string, readonly attemptCount: number, readonly nextAttemptAt: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly parked: { readonly edges: ReadonlyArray<{ readonly node: { readonly since: string, readonly attemptCount: number, readonly nextAttemptAt: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly attempts: { readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly at: string, readonly status: number | null, readonly duration: string, readonly error: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly owner:
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
    | { readonly id: string, readonly name: string }
   | null, readonly realm: { readonly slug: string, readonly name: string } | null };

export type DeliveryRowFragment = { readonly since: string, readonly attemptCount: number, readonly nextAttemptAt: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null };

export type WebhooksOfPageQueryVariables = Exact<{
  states?: ReadonlyArray<WebhookState> | WebhookState | null | undefined;
}>;


export type WebhooksOfPageQuery = { readonly webhooks: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly url: string, readonly description: string, readonly state: WebhookState, readonly reason: string | null, readonly deliveredAt: string | null, readonly nextAttemptAt: string | null, readonly waitingCount: number, readonly parkedCount: number, readonly owner:
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
          | { readonly id: string, readonly name: string }
         | null, readonly realm: { readonly slug: string, readonly name: string } | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type WebhookByIdQueryVariables = Exact<{
  id: string;
}>;


export type WebhookByIdQuery = { readonly node:
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string, readonly createdAt: string, readonly changedAt: string, readonly endedAt: string | null, readonly types: ReadonlyArray<EventType>, readonly keyIds: ReadonlyArray<string>, readonly url: string, readonly description: string, readonly state: WebhookState, readonly reason: string | null, readonly deliveredAt: string | null, readonly nextAttemptAt: string | null, readonly waitingCount: number, readonly parkedCount: number, readonly labels: ReadonlyArray<{ readonly name: string, readonly value: string }>, readonly secrets: ReadonlyArray<{ readonly generation: number, readonly publicKey: string, readonly createdAt: string, readonly retiresAt: string | null }>, readonly waiting: { readonly edges: ReadonlyArray<{ readonly node: { readonly since: string, readonly attemptCount: number, readonly nextAttemptAt: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly parked: { readonly edges: ReadonlyArray<{ readonly node: { readonly since: string, readonly attemptCount: number, readonly nextAttemptAt: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly attempts: { readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly at: string, readonly status: number | null, readonly duration: string, readonly error: string | null, readonly event: { readonly id: string, readonly type: EventType, readonly keyId: string | null } | null } }> }, readonly owner:
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
        | { readonly id: string, readonly name: string }
       | null, readonly realm: { readonly slug: string, readonly name: string } | null }
   | null };

export type CreateWebhookOnPageMutationVariables = Exact<{
  input: CreateWebhookInput;
}>;


export type CreateWebhookOnPageMutation = { readonly createWebhook:
    | { readonly secret: string | null, readonly webhook: { readonly id: string, readonly url: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type UpdateWebhookOnPageMutationVariables = Exact<{
  input: UpdateWebhookInput;
}>;


export type UpdateWebhookOnPageMutation = { readonly updateWebhook:
    | { readonly code: string, readonly message: string }
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type RotateWebhookOnPageMutationVariables = Exact<{
  input: RotateWebhookSecretInput;
}>;


export type RotateWebhookOnPageMutation = { readonly rotateWebhookSecret:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly secret: string | null, readonly previousRetiresAt: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type PauseWebhookOnPageMutationVariables = Exact<{
  input: PauseWebhookInput;
}>;


export type PauseWebhookOnPageMutation = { readonly pauseWebhook:
    | { readonly code: string, readonly message: string }
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type ResumeWebhookOnPageMutationVariables = Exact<{
  input: ResumeWebhookInput;
}>;


export type ResumeWebhookOnPageMutation = { readonly resumeWebhook:
    | { readonly code: string, readonly message: string }
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type ReplayWebhookOnPageMutationVariables = Exact<{
  input: ReplayWebhookInput;
}>;


export type ReplayWebhookOnPageMutation = { readonly replayWebhook:
    | { readonly code: string, readonly message: string }
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type TestWebhookOnPageMutationVariables = Exact<{
  input: TestWebhookInput;
}>;


export type TestWebhookOnPageMutation = { readonly testWebhook:
    | { readonly code: string, readonly message: string }
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type DeleteWebhookOnPageMutationVariables = Exact<{
  input: DeleteWebhookInput;
}>;


export type DeleteWebhookOnPageMutation = { readonly deleteWebhook:
    | { readonly webhook: { readonly id: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type FilterChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type FilterChoicesQuery = { readonly realms: { readonly edges: ReadonlyArray<{ readonly node: { readonly slug: string, readonly name: string } }>, readonly pageInfo: { readonly hasNextPage: boolean } }, readonly organizations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }>, readonly pageInfo: { readonly hasNextPage: boolean } }, readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type InviteOnPageMutationVariables = Exact<{
  input: InviteAccountInput;
}>;


export type InviteOnPageMutation = { readonly inviteAccount:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly token: string | null, readonly expiresAt: string }
    | { readonly code: string, readonly message: string }
   };

export type OwnersFoundQueryVariables = Exact<{
  search: string;
  withOrganizations: boolean;
}>;


export type OwnersFoundQuery = { readonly organizations?: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string } }>, readonly pageInfo: { readonly hasNextPage: boolean } }, readonly accounts: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly email: string | null } }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type SessionsOfAccountFragment = { readonly sessionCount: number, readonly sessions: ReadonlyArray<{ readonly sessionId: string, readonly startedAt: string, readonly expiresAt: string, readonly isCurrent: boolean, readonly device: { readonly program: string, readonly name: string, readonly address: string } | null }> };

export type EndSessionsOnPageMutationVariables = Exact<{
  input: EndSessionsInput;
}>;


export type EndSessionsOnPageMutation = { readonly endSessions:
    | { readonly code: string, readonly message: string }
    | { readonly endedCount: number, readonly account: { readonly id: string } }
    | { readonly code: string, readonly message: string }
   };

export type ViewerOfPageQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerOfPageQuery = { readonly logCursor: string, readonly viewer:
    | { readonly id: string, readonly name: string, readonly isAdministrator: boolean }
    | Record<PropertyKey, never>
   };

export type EndOfLogQueryVariables = Exact<{ [key: string]: never; }>;


export type EndOfLogQuery = { readonly logCursor: string };

export type LaneKeyFragment = { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly createdAt: string, readonly stopsAt: string | null, readonly automation: KeyAutomation, readonly owner:
    | { readonly id: string }
    | { readonly id: string }
    | { readonly id: string }
  , readonly rotation: { readonly startedAt: string, readonly previousRetiresAt: string } | null, readonly renewalInfo: { readonly suggestedAt: string | null } };

export type KeysOfLaneQueryVariables = Exact<{
  filter: KeyFilter;
  after?: string | null | undefined;
}>;


export type KeysOfLaneQuery = { readonly keys: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly state: KeyState, readonly standing: Standing, readonly createdAt: string, readonly stopsAt: string | null, readonly automation: KeyAutomation, readonly owner:
          | { readonly id: string }
          | { readonly id: string }
          | { readonly id: string }
        , readonly rotation: { readonly startedAt: string, readonly previousRetiresAt: string } | null, readonly renewalInfo: { readonly suggestedAt: string | null } } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type LaneCountsFragment = { readonly byHand: ReadonlyArray<number>, readonly byItself: ReadonlyArray<number>, readonly renewals: ReadonlyArray<number>, readonly retirements: ReadonlyArray<number>, readonly stopped: ReadonlyArray<number> };

export type TimelineOfPageQueryVariables = Exact<{
  from: string;
  to: string;
  step: TimelineStep;
  first: number;
  after?: string | null | undefined;
  isFirst: boolean;
}>;


export type TimelineOfPageQuery = { readonly timeline: { readonly at: string, readonly from: string, readonly to: string, readonly periods: ReadonlyArray<string>, readonly total?: { readonly byHand: ReadonlyArray<number>, readonly byItself: ReadonlyArray<number>, readonly renewals: ReadonlyArray<number>, readonly retirements: ReadonlyArray<number>, readonly stopped: ReadonlyArray<number> }, readonly freezes?: ReadonlyArray<{ readonly from: string, readonly to: string, readonly reason: string, readonly realm: { readonly slug: string, readonly name: string } }>, readonly lanes: { readonly edges: ReadonlyArray<{ readonly node: { readonly owner:
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
            | { readonly id: string, readonly name: string }
           | null, readonly counts: { readonly byHand: ReadonlyArray<number>, readonly byItself: ReadonlyArray<number>, readonly renewals: ReadonlyArray<number>, readonly retirements: ReadonlyArray<number>, readonly stopped: ReadonlyArray<number> } } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } };
