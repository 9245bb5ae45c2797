import type { EventRowFragment, EventType } from '../api/operations.ts';

type EventData = Readonly<Record<string, unknown>>;

/** What an event says about its key, owner or realm; a text alone, or with facts of the event. */
type Phrase = string | ((data: EventData) => string);

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const listOf = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(', ') : '');
const withText = (before: string, value: unknown): string => (textOf(value) === '' ? '' : `${before}${textOf(value)}`);
const changed = ({ changed: names }: EventData): string => (listOf(names) === '' ? '' : ` (${listOf(names)})`);
const leaked = ({ source }: EventData): string => (source === 'LEAK' ? ', because its secret has leaked' : '');
const keysOf = (value: unknown): string => (value === 1 ? '1 key' : `${textOf(value)} keys`);

/** Returns the name in the values before a change; an empty text: it did not change. */
const nameIn = (values: unknown): string =>
  typeof values === 'object' && values !== null && 'name' in values ? textOf(values.name) : '';

/** Events of keys: what comes after the name of the key. */
const ofKeys = {
  KEY_ISSUED: 'was issued',
  KEY_ADOPTED: 'got the secret that an import had announced',
  KEY_USED_OUT_OF_RHYTHM: ({ isEarly, nextUseFrom, nextUseTo }) =>
    isEarly === true
      ? `was used earlier than usual${withText(', likely was from ', nextUseFrom)}`
      : `was used later than usual${withText(', likely was before ', nextUseTo)}`,
  KEY_FIRST_USED: ({ generation, consumer }) =>
    `${Number(generation) > 1 ? 'was used with its new secret' : 'was used'} for the first time${withText(' by ', consumer)}`,
  KEY_UPDATED: (data) => `was changed${changed(data)}`,
  KEY_TRANSFERRED: 'was given to another owner',
  KEY_RENEWED: ({ stopsAt }) => `was renewed${withText(', and stops ', stopsAt)}`,
  KEY_HELD: (data) => `was held${leaked(data)}`,
  KEY_RESUMED: ({ isStillHeld }) => (isStillHeld === true ? 'lost a hold, and is still held' : 'was resumed'),
  KEY_REVOKED: (data) => `was revoked${leaked(data)}`,
  KEY_ROTATION_ASKED: 'is to get a new secret',
  KEY_ROTATION_WITHDRAWN: 'need not get a new secret any longer',
  KEY_ROTATION_STARTED: ({ previousRetiresAt }) =>
    `got a new secret${withText('; the old one works until ', previousRetiresAt)}`,
  KEY_ROTATION_COMPLETED: ({ by }) =>
    by === 'LEAKED' ? 'lost its old secret, which has leaked' : 'ended its rotation: the old secret has retired',
  KEY_ROTATION_UNDONE: 'had its rotation undone',
  KEY_ROTATION_STALLED: ({ to }) =>
    `rotates longer, as not all consumers use the new secret${withText('; the old one works until ', to)}`,
  KEY_SECRET_REUSED: ({ consumer }) => `refused a secret that has retired${withText(', sent by ', consumer)}`,
  KEY_BROKE_CONSUMER: ({ consumer, lastUsedAt }) =>
    `refused ${textOf(consumer)}, which worked before${withText(', last ', lastUsedAt)}`,
  KEY_BROWNOUT_ENDED: ({ consumer }) =>
    `works again: its brownout ended when it refused ${textOf(consumer) || 'a program without a label'}`,
  KEY_EXPIRING: ({ stopsAt }) => `will stop${withText(' ', stopsAt)}`,
  KEY_STOPS_BEFORE_NEXT_USE: ({ stopsAt, nextUseFrom }) =>
    `will stop${withText(' ', stopsAt)}, before its next use${withText(', likely from ', nextUseFrom)}`,
  KEY_EXPIRED: ({ basis }) => (basis === 'BY_USE' ? 'expired, because it was not used' : 'expired'),
  KEY_DORMANCY_WARNED: ({ stopsAt }) => `is dormant${withText(', and will stop ', stopsAt)}`,
  KEY_STOP_CHANGED: ({ to }) => (textOf(to) === '' ? 'no longer stops by itself' : `will stop ${textOf(to)} instead`),
} as const satisfies Readonly<Record<string, Phrase>>;

/** Events of accounts, organizations and customers: what comes after the name. */
const ofOwners = {
  ACCOUNT_SIGNED_IN: ({ deviceName }) => `signed in${withText(' on the device ', deviceName)}`,
  ACCOUNT_SIGNED_OUT: 'signed out',
  DEVICE_REFUSED: ({ deviceName }) => `refused the device ${textOf(deviceName)}`,
  ACCOUNT_PASSWORD_CHANGED: 'has a new password',
  ACCOUNT_INVITED: 'invited a person',
  ACCOUNT_INVITATION_WITHDRAWN: 'took an invitation back',
  ACCOUNT_CREATED: 'has an account now',
  ACCOUNT_UPDATED: ({ before, noticesByMail }) =>
    withText('was called ', nameIn(before)) ||
    (noticesByMail === false ? 'gets no notices by mail any longer' : 'gets notices by mail'),
  ACCOUNT_DISABLED: 'was disabled',
  ACCOUNT_ENABLED: 'was enabled again',
  ACCOUNT_ADMINISTRATOR_CHANGED: ({ isAdministrator }) =>
    isAdministrator === true ? 'became an administrator' : 'is an administrator no longer',
  ORGANIZATION_CREATED: 'was made',
  ORGANIZATION_RENAMED: ({ before }) => `was called ${nameIn(before)}`,
  ORGANIZATION_MEMBER_CHANGED: ({ from, to }) =>
    textOf(to) === ''
      ? 'lost a member'
      : textOf(from) === ''
        ? `has a new ${textOf(to)}`
        : `has a member with another role (${textOf(to)})`,
  SUBJECT_CREATED: 'is a new customer',
  SUBJECT_UPDATED: (data) => `was changed${changed(data)}`,
  SUBJECT_DISABLED: ({ keyCount }) => `was disabled, and ${keysOf(keyCount)} held`,
  SUBJECT_ENABLED: 'was enabled again',
  SUBJECT_REMOVED: ({ keyCount }) => `was removed, and ${keysOf(keyCount)} revoked`,
  PORTAL_SESSION_CREATED: 'got a portal session',
  PORTAL_SESSIONS_ENDED: 'has no portal sessions any longer',
  WEBHOOK_CREATED: 'has a new webhook',
  WEBHOOK_UPDATED: (data) => `has a changed webhook${changed(data)}`,
  WEBHOOK_SECRET_ROTATED: 'has a webhook with a new secret',
  WEBHOOK_TESTED: 'had a webhook tested',
  WEBHOOK_REPLAYED: 'has a webhook that sends events again',
  WEBHOOK_PARKED: ({ eventType }) => `has a webhook that could not deliver an event (${textOf(eventType)})`,
  WEBHOOK_PAUSED: 'has a webhook that was paused',
  WEBHOOK_RESUMED: 'has a webhook that was resumed',
  WEBHOOK_ENDED: 'no longer has a webhook',
  OPERATION_PROPOSED: ({ total }) => `has a change of ${keysOf(total)} that waits for approval`,
  OPERATION_STARTED: ({ total, isUndo }) =>
    `has ${isUndo === true ? 'the undoing of a change' : 'a change'} of ${keysOf(total)} that runs`,
  OPERATION_PAUSED: ({ total }) => `has a change of ${keysOf(total)} that was paused`,
  OPERATION_STOPPED: ({ total }) => `has a change of ${keysOf(total)} that was stopped`,
  OPERATION_ENDED: ({ total }) => `has a change of ${keysOf(total)} that has ended`,
} as const satisfies Readonly<Record<string, Phrase>>;

/** Events of realms: what comes after the name of the realm. */
const ofRealms = {
  POLICY_ANNOUNCED: ({ policy, effectiveAt }) =>
    `will have the policy ${textOf(policy)} changed${withText(' from ', effectiveAt)} on`,
  POLICY_BOUND: ({ policy }) => `has the policy ${textOf(policy)} from now on`,
  POLICY_CHANGED: (data) => `has the policy ${textOf(data['policy'])} changed${changed(data)}`,
  POLICY_APPLIED: ({ policy, keyCount }) => `had ${keysOf(keyCount)} reviewed by the policy ${textOf(policy)}`,
  POLICY_UNBOUND: ({ policy, wasInForce }) =>
    wasInForce === false
      ? `will not get the announced policy ${textOf(policy)}`
      : `no longer has the policy ${textOf(policy)}`,
  POLICY_BROKEN: ({ policy, message }) => `has a broken policy, ${textOf(policy)}${withText(': ', message)}`,
  POLICY_MENDED: ({ policy }) => `has the policy ${textOf(policy)} working again`,
  BRAKE_ENGAGED: ({ policy, waiting }) => `has a brake on the policy ${textOf(policy)}: ${keysOf(waiting)} wait`,
  BRAKE_RELEASED: ({ waiting }) => `has a brake released: ${keysOf(waiting)} waited`,
  BRAKE_CANCELLED: ({ dropped }) => `has a brake cancelled: ${keysOf(dropped)} stay as they were`,
  ROLLOUT_PROPOSED: ({ title }) => `has a proposed rollout, ${textOf(title)}`,
  ROLLOUT_STAGE_BEGAN: ({ title, stageKind }) => `has the rollout ${textOf(title)} in the stage ${textOf(stageKind)}`,
  ROLLOUT_PAUSED: ({ title, isOverBudget }) =>
    `has the rollout ${textOf(title)} ${isOverBudget === true ? 'halted, as its budget is used up' : 'paused'}`,
  ROLLOUT_RESUMED: ({ title }) => `has the rollout ${textOf(title)} resumed`,
  ROLLOUT_INCONCLUSIVE: ({ title }) => `has the rollout ${textOf(title)} waiting for a decision`,
  ROLLOUT_UNDONE: ({ title }) => `has the rollout ${textOf(title)} undone`,
  ROLLOUT_ANSWERED: ({ title, answer }) => `has an answer to the rollout ${textOf(title)}: ${textOf(answer)}`,
  ROLLOUT_REPLIED: ({ title }) => `has a reply to an answer to the rollout ${textOf(title)}`,
  ROLLOUT_EXCEPTION_GRANTED: ({ title }) => `has an exception from the rollout ${textOf(title)} granted`,
  ROLLOUT_EXCEPTION_REFUSED: ({ title }) => `has an exception from the rollout ${textOf(title)} refused`,
  ROLLOUT_EXCEPTION_ENDED: ({ title }) => `has an exception from the rollout ${textOf(title)} ended`,
  ROLLOUT_ENDED: ({ title }) => `has the rollout ${textOf(title)} ended`,
  REALM_CREATED: 'was made',
  REALM_UPDATED: (data) => `was changed${changed(data)}`,
  ACTION_DEFINED: ({ name }) => `has a new action, ${textOf(name)}`,
  ACTION_RETIRED: ({ name }) => `has retired the action ${textOf(name)}`,
  ISSUER_TRUSTED: ({ url }) => `trusts the issuer ${textOf(url)}`,
  ISSUER_UPDATED: (data) => `has a changed issuer${changed(data)}`,
  ISSUER_DISTRUSTED: ({ url }) => `no longer trusts the issuer ${textOf(url)}`,
  TOKEN_RULE_ADDED: ({ name }) => `has a new CI rule, ${textOf(name)}`,
  TOKEN_RULE_UPDATED: (data) => `has a changed CI rule${changed(data)}`,
  TOKEN_RULE_REMOVED: ({ name }) => `no longer has the CI rule ${textOf(name)}`,
  TOKEN_REUSED: ({ url }) => `got a token again that was exchanged before${withText(', from ', url)}`,
} as const satisfies Readonly<Record<string, Phrase>>;

const phrases: Readonly<Record<EventType, Phrase>> = { ...ofKeys, ...ofOwners, ...ofRealms };

/** The name of each type of event, such as "Key rotation started". */
export const eventNames = Object.fromEntries(Object.keys(phrases).map((type) => [type, nameOf(type)])) as Readonly<
  Record<EventType, string>
>;

function nameOf(type: string): string {
  const [first = '', ...rest] = type.replaceAll('_', ' ').toLowerCase();
  return first.toUpperCase() + rest.join('');
}

const groupNames: Readonly<Record<string, string>> = {
  KEY: 'Keys',
  POLICY: 'Policies and brakes',
  BRAKE: 'Policies and brakes',
  ROLLOUT: 'Rollouts',
  ACCOUNT: 'Accounts and organizations',
  DEVICE: 'Accounts and organizations',
  ORGANIZATION: 'Accounts and organizations',
  SUBJECT: 'Customers',
  PORTAL: 'Customers',
  REALM: 'Realms',
  ACTION: 'Realms',
  WEBHOOK: 'Webhooks',
  ISSUER: 'CI rules',
  TOKEN: 'CI rules',
  OPERATION: 'Changes of many keys',
};

/** The types of events in groups, by the names of these. */
export const eventGroups: ReadonlyMap<string, readonly EventType[]> = Map.groupBy(
  Object.keys(phrases) as EventType[],
  (type) => groupNames[type.split('_', 1)[0] ?? ''] ?? 'Others',
);

/** A sentence about an event: what it is about, what happened, and by whom. Instants in `phrase` are UTC text. */
export interface EventSentence {
  readonly subject: string;
  readonly keyId: string | null;
  /** The change of many keys that the event is about; null: it is about something else. */
  readonly operationId: string | null;
  readonly phrase: string;
  /** Who made the change, with "by"; an empty text: time did, or the subject itself. */
  readonly byWhom: string;
}

export function sentenceOf({ type, data, key, keyId, owner, realm, actor }: EventRowFragment): EventSentence {
  const phrase = phrases[type];
  const facts = typeof data === 'object' && data !== null ? (data as EventData) : {};
  const isOfRealm = Object.hasOwn(ofRealms, type);
  const [first, second] = isOfRealm ? [realm, owner] : [owner, realm];
  const isBySubject = keyId == null ? actor?.id != null && actor.id === owner?.id : actor?.id === keyId;
  return {
    subject: keyId == null ? (first?.name ?? second?.name ?? 'Keytide') : (key?.name ?? keyId),
    keyId: keyId ?? null,
    operationId: type.startsWith('OPERATION_') ? textOf(facts['operationId']) || null : null,
    phrase: typeof phrase === 'string' ? phrase : phrase(facts),
    byWhom:
      isBySubject || actor?.name == null ? '' : ` by ${actor.kind === 'POLICY' ? 'the policy ' : ''}${actor.name}`,
  };
}
