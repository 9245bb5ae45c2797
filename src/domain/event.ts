import type { Caller } from './caller.ts';

/** The types of events in the log: events of keys first, then those of policies, people, realms, webhooks, issuers and operations. */
export const eventTypes = [
  'KEY_ISSUED',
  'KEY_ADOPTED',
  'KEY_FIRST_USED',
  'KEY_USED_OUT_OF_RHYTHM',
  'KEY_UPDATED',
  'KEY_TRANSFERRED',
  'KEY_RENEWED',
  'KEY_HELD',
  'KEY_RESUMED',
  'KEY_REVOKED',
  'KEY_ROTATION_ASKED',
  'KEY_ROTATION_WITHDRAWN',
  'KEY_ROTATION_STARTED',
  'KEY_ROTATION_COMPLETED',
  'KEY_ROTATION_UNDONE',
  'KEY_ROTATION_STALLED',
  'KEY_SECRET_REUSED',
  'KEY_BROKE_CONSUMER',
  'KEY_BROWNOUT_ENDED',
  'KEY_EXPIRING',
  'KEY_STOPS_BEFORE_NEXT_USE',
  'KEY_EXPIRED',
  'KEY_DORMANCY_WARNED',
  'KEY_STOP_CHANGED',
  'POLICY_ANNOUNCED',
  'POLICY_BOUND',
  'POLICY_CHANGED',
  'POLICY_APPLIED',
  'POLICY_UNBOUND',
  'POLICY_BROKEN',
  'POLICY_MENDED',
  'BRAKE_ENGAGED',
  'BRAKE_RELEASED',
  'BRAKE_CANCELLED',
  'ROLLOUT_PROPOSED',
  'ROLLOUT_STAGE_BEGAN',
  'ROLLOUT_PAUSED',
  'ROLLOUT_RESUMED',
  'ROLLOUT_INCONCLUSIVE',
  'ROLLOUT_UNDONE',
  'ROLLOUT_ENDED',
  'ROLLOUT_ANSWERED',
  'ROLLOUT_REPLIED',
  'ROLLOUT_EXCEPTION_GRANTED',
  'ROLLOUT_EXCEPTION_REFUSED',
  'ROLLOUT_EXCEPTION_ENDED',
  'ACCOUNT_SIGNED_IN',
  'ACCOUNT_SIGNED_OUT',
  'DEVICE_REFUSED',
  'ACCOUNT_PASSWORD_CHANGED',
  'ACCOUNT_INVITED',
  'ACCOUNT_INVITATION_WITHDRAWN',
  'ACCOUNT_CREATED',
  'ACCOUNT_UPDATED',
  'ACCOUNT_DISABLED',
  'ACCOUNT_ENABLED',
  'ACCOUNT_ADMINISTRATOR_CHANGED',
  'ORGANIZATION_CREATED',
  'ORGANIZATION_RENAMED',
  'ORGANIZATION_MEMBER_CHANGED',
  'SUBJECT_CREATED',
  'SUBJECT_UPDATED',
  'SUBJECT_DISABLED',
  'SUBJECT_ENABLED',
  'SUBJECT_REMOVED',
  'PORTAL_SESSION_CREATED',
  'PORTAL_SESSIONS_ENDED',
  'REALM_CREATED',
  'REALM_UPDATED',
  'ACTION_DEFINED',
  'ACTION_RETIRED',
  'WEBHOOK_CREATED',
  'WEBHOOK_UPDATED',
  'WEBHOOK_SECRET_ROTATED',
  'WEBHOOK_TESTED',
  'WEBHOOK_REPLAYED',
  'WEBHOOK_PARKED',
  'WEBHOOK_PAUSED',
  'WEBHOOK_RESUMED',
  'WEBHOOK_ENDED',
  'ISSUER_TRUSTED',
  'ISSUER_UPDATED',
  'ISSUER_DISTRUSTED',
  'TOKEN_RULE_ADDED',
  'TOKEN_RULE_UPDATED',
  'TOKEN_RULE_REMOVED',
  'TOKEN_REUSED',
  'OPERATION_PROPOSED',
  'OPERATION_STARTED',
  'OPERATION_PAUSED',
  'OPERATION_STOPPED',
  'OPERATION_ENDED',
] as const;

export type EventType = (typeof eventTypes)[number];

/** Who makes changes: a person, a key for itself, a portal session, a policy, or the gateway (by time, after a leak report, by a token rule). */
export const actorKinds = ['ACCOUNT', 'KEY', 'PORTAL', 'POLICY', 'SYSTEM'] as const;

export interface Actor {
  readonly kind: (typeof actorKinds)[number];
  readonly id: string | null;
  readonly name: string | null;
}

export const systemActor: Actor = { kind: 'SYSTEM', id: null, name: null };

/** Returns the actor to record for a caller's change. For an anonymous caller it is the gateway itself. */
export function actorOf(caller: Caller): Actor {
  if (caller.kind === 'ANONYMOUS') return systemActor;
  return { kind: caller.kind, id: caller.id, name: caller.kind === 'PORTAL' ? null : caller.name };
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
