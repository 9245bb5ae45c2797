import { accountEventFields } from './account-event-fields.ts';
import type { Actor, EventType } from './event.ts';
import { readFields, type Fields, type ReadValues, type ValuesOf } from './event-field.ts';
import { issuerEventFields } from './issuer-event-fields.ts';
import { keyEventFields } from './key-event-fields.ts';
import { policyEventFields } from './policy-event-fields.ts';
import { operationEventFields } from './operation-event-fields.ts';
import { realmEventFields } from './realm-event-fields.ts';
import { rolloutAnswerEventFields } from './rollout-answer-event-fields.ts';
import { rolloutEventFields } from './rollout-event-fields.ts';
import { subjectEventFields } from './subject-event-fields.ts';
import { webhookEventFields } from './webhook-event-fields.ts';

/** The fields of `data`, by type of event. The types of the schema and of the code are derived from this table. */
export const eventFields = {
  ...keyEventFields,
  ...policyEventFields,
  ...rolloutEventFields,
  ...rolloutAnswerEventFields,
  ...accountEventFields,
  ...subjectEventFields,
  ...realmEventFields,
  ...webhookEventFields,
  ...issuerEventFields,
  ...operationEventFields,
} as const satisfies Record<EventType, Fields>;

/** The facts of an event for programs, with instants as RFC 3339 text. */
export type EventData<Type extends EventType> = ValuesOf<(typeof eventFields)[Type]>;

/** What every event has before the log gives it an id and a position. */
export interface EventBase {
  /** When the change took effect. A review that records a past moment, such as a HARD expiry, gives that moment. */
  readonly at: Date;
  readonly keyId?: string | null;
  readonly realmId?: string | null;
  /** The account, organization or subject concerned. For a realm's webhook or issuer it is the realm: only administrators see the event. */
  readonly ownerId?: string | null;
  readonly actor: Actor;
  readonly reason?: string | null;
}

/** The type of an event and its data. The data never has a secret, a digest or the email address of an account. */
export type TypedData<Type extends EventType = EventType> = {
  [T in Type]: { readonly type: T; readonly data: EventData<T> };
}[Type];

/** An event before the log gives it an id and a position. */
export type EventDraft = EventBase & TypedData;

/** The data of a stored event, as the table describes it. */
export interface EventDetail {
  readonly type: EventType;
  readonly values: ReadValues;
}

/**
 * Reads the data of a stored event. Fields that are missing or malformed are null. Returns null for an unknown type,
 * and for data without a field that every event of the type has.
 */
export function readEventDetail(type: string, data: unknown): EventDetail | null {
  if (!Object.hasOwn(eventFields, type)) return null;
  const values = readFields(eventFields[type as EventType], data);
  return values && { type: type as EventType, values };
}
