import type { EventType } from '../../src/domain/event.ts';

/** A change that was acknowledged. All instants of a history are in ms since 1970, by the clock of the test. */
export interface KeyChange {
  readonly kind: 'CHANGED';
  readonly mutation: string;
  /** The one event that tells of it. */
  readonly event: EventType;
  readonly keyId: string;
  /** When it was first sent, and when an answer came. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** The node that acknowledged it. */
  readonly node: number;
  /** The generation of the secret that it retires at once; null: of none. */
  readonly retires: number | null;
  /** The end of the key's life that it sets; null: it sets none. */
  readonly endsAt: number | null;
}

/** An answer to a request for a change that is neither a success nor “ask again”. */
export interface FailedRequest {
  readonly kind: 'FAILED';
  readonly mutation: string;
  readonly code: string;
}

/** What came of a question whether a secret is good. */
export interface Verification {
  readonly kind: 'VERIFIED';
  readonly node: number;
  readonly keyId: string;
  readonly generation: number;
  readonly askedAt: number;
  readonly answeredAt: number;
  /** An outcome, the code of an error, or NO_ANSWER. */
  readonly answer: string;
}

/** A subscriber subscribed, from the event after that position on: for the first time, or again. */
export interface SubscriptionStart {
  readonly kind: 'SUBSCRIBED';
  readonly subscriber: number;
  readonly after: number;
}

/** A subscriber was told of an event. */
export interface EventReceipt {
  readonly kind: 'TOLD';
  readonly subscriber: number;
  readonly position: number;
  readonly id: string;
  readonly type: string;
}

/** A receiver of webhooks took an event. */
export interface WebhookReceipt {
  readonly kind: 'DELIVERED';
  readonly id: string;
  readonly keyId: string | null;
  readonly text: string;
}

/** A mail server took a mail, which tells of these keys. */
export interface MailReceipt {
  readonly kind: 'MAILED';
  readonly messageId: string;
  readonly keyIds: readonly string[];
}

export type Entry =
  KeyChange | FailedRequest | Verification | SubscriptionStart | EventReceipt | WebhookReceipt | MailReceipt;

/** An event as the database has it in the end. */
export interface StoredEvent {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly keyId: string | null;
  readonly actorKind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All that was seen from outside, oldest first, and the log in the end. */
export interface History {
  readonly entries: readonly Entry[];
  readonly events: readonly StoredEvent[];
  /** The position after which all of this was seen; what came before made it ready. */
  readonly since: number;
}

/** The entries of one kind. */
export function entriesOf<Kind extends Entry['kind']>(
  { entries }: Pick<History, 'entries'>,
  kind: Kind,
): Extract<Entry, { kind: Kind }>[] {
  return entries.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
}
