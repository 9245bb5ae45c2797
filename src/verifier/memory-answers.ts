import { consumerLabelOf } from '../domain/consumer-label.ts';
import { DAY_MS } from '../domain/duration.ts';
import { hasCome } from '../domain/key.ts';
import { messageOf, outcomeMessages } from '../domain/outcome-message.ts';
import { describeWarnings, noWarnings } from '../domain/verification-warning.ts';
import { dayOf } from '../domain/usage-day.ts';
import { isSettled, outcomeOfPurpose, outcomeOfState, type Outcome, type Purpose } from '../domain/verification.ts';
import type { VerifiedKey, VerifierAnswer } from './answer.ts';
import type { UseSlot } from './pending-uses.ts';
import type { RecordView } from './record-view.ts';
import type { VerifiedRealm } from './stored-secret.ts';
import type { CountedOutcome, UseReports } from './use-reports.ts';

/**
 * What a further answer about a secret needs, until its use is reported: in one object of small numbers, because each object that
 * is not in the processor's cache costs as much as the rest of an answer.
 */
interface AtHand {
  readonly record: number;
  /** The consumer that was named when its use was counted last; null: it is not counted apart. */
  consumer: string | null | undefined;
  day: number;
  /** How many further uses are not added to the slot yet. */
  count: number;
  /** When the last of them was, in ms since the day began. */
  lastMs: number;
  /** What the key was used for last: as long as this is at hand, neither its scopes nor its realm have changed. */
  action: string | null;
  resource: string | null;
  readonly key: VerifiedKey;
  stopsAt: Date | null;
  slot: UseSlot;
  /** The consumer that the key's own label names. */
  readonly ownConsumer: string;
}

/** In place of what is at hand of a record that has nothing. */
const nothing: AtHand = {
  record: -1,
  consumer: null,
  day: -1,
  count: 0,
  lastMs: 0,
  action: null,
  resource: null,
  key: { id: '', realm: '', ownerId: '', subject: null, labels: [], scopes: [] },
  stopsAt: null,
  slot: { consumer: '', day: -1, lastMs: 0, useCount: 0 },
  ownConsumer: '',
};

/** What a verifier says of a request. */
interface Question {
  readonly consumer?: string;
  readonly address?: string;
}

/**
 * Answers about secrets in memory, and counts them. The first answer about a secret since the last report of use puts the key and
 * the count at hand of its record, so that further ones make no id and look nothing up.
 */
export class MemoryAnswers {
  readonly #reports: UseReports;
  #atHand: AtHand[] = [nothing];
  /** What the realm decides, as the keys at hand show it. */
  #realm: VerifiedRealm | null = null;
  #day = -1;
  #dayStartMs = 0;
  #asOf = new Date(0);

  constructor(reports: UseReports) {
    this.#reports = reports;
    reports.collectFrom(() => this.#collect());
  }

  /**
   * Returns the answer about a secret, and counts it. Null: a refusal, which may have been lifted since (law 2).
   *
   * `nowMs`: the gateway's time, in whole milliseconds. `asOfMs`: up to when all changes are known.
   */
  answer(
    found: RecordView,
    { consumer, address }: Question,
    purpose: Purpose | null,
    nowMs: number,
    asOfMs: number,
  ): VerifierAnswer | null {
    // First, so that it is fetched while the answer is decided.
    const atHand = this.#find(found);
    const outcome = decide(found, atHand, purpose, nowMs, address);
    if (!isSettled(outcome)) return null;
    if (outcome !== 'VALID') return this.#refuse(found, outcome, purpose, consumer, nowMs, asOfMs);
    if (nowMs >= this.#dayStartMs + DAY_MS) this.#startDay(dayOf(nowMs));
    const counted = this.#count(atHand, found, consumer, nowMs);
    return {
      outcome,
      message: outcomeMessages.VALID,
      stopsAt: stopDateOf(counted, found),
      renewalDue: hasCome(found.renewalDueAt, nowMs),
      scopeChecked: purpose !== null,
      warnings: describeWarnings(found.warnings),
      brownoutEndsAt: null,
      key: counted.key,
      asOf: this.#asOfDate(asOfMs),
    };
  }

  /** Returns what is at hand of a record. */
  #find(found: RecordView): AtHand {
    const atHand = this.#atHand[found.atHand] ?? nothing;
    // A number from before the last report may be that of another record now.
    return atHand.record === found.record && found.realm === this.#realm ? atHand : nothing;
  }

  #count(atHand: AtHand, found: RecordView, consumer: string | undefined, nowMs: number): AtHand {
    if (atHand.consumer !== consumer || atHand.day !== this.#day) return this.#note(atHand, found, consumer, nowMs);
    atHand.count += 1;
    atHand.lastMs = nowMs - this.#dayStartMs;
    return atHand;
  }

  #startDay(day: number): void {
    this.#day = day;
    this.#dayStartMs = day * DAY_MS;
  }

  /** Counts the first use since the last report, or one by another consumer or on another day than the use before. */
  #note(before: AtHand, found: RecordView, consumer: string | undefined, nowMs: number): AtHand {
    const atHand = before === nothing ? this.#put(found) : before;
    this.#add(atHand);
    const usedBy = consumer ?? atHand.ownConsumer;
    atHand.slot = this.#reports.note(found.copy(), 'VALID', usedBy, nowMs);
    atHand.consumer = atHand.slot.consumer === usedBy ? consumer : null;
    atHand.day = this.#day;
    return atHand;
  }

  #put(found: RecordView): AtHand {
    // Keys of one realm are at hand at a time.
    if (found.realm !== this.#realm) this.#collect();
    this.#realm = found.realm;
    const key = toVerifiedKey(found);
    const atHand = { ...nothing, record: found.record, key, ownConsumer: consumerLabelOf(key.labels) };
    found.atHand = this.#atHand.push(atHand) - 1;
    return atHand;
  }

  #refuse(
    found: RecordView,
    outcome: CountedOutcome,
    purpose: Purpose | null,
    consumer: string | undefined,
    nowMs: number,
    asOfMs: number,
  ): VerifierAnswer {
    const known = found.copy();
    this.#reports.note(known, outcome, consumer ?? consumerLabelOf(known.labels), nowMs);
    return {
      outcome,
      message: messageOf(outcome, known, purpose, new Date(nowMs)),
      stopsAt: known.stopsAt,
      renewalDue: false,
      scopeChecked: purpose !== null,
      warnings: noWarnings,
      brownoutEndsAt: null,
      key: toVerifiedKey(found),
      asOf: this.#asOfDate(asOfMs),
    };
  }

  /** Adds all that was counted, and begins again: what was at hand is of a report from now on. */
  #collect(): void {
    for (const atHand of this.#atHand) this.#add(atHand);
    this.#atHand = [nothing];
  }

  #add(atHand: AtHand): void {
    const { count, day, lastMs } = atHand;
    if (count > 0) this.#reports.add(atHand.slot, count, day * DAY_MS + lastMs);
    atHand.count = 0;
  }

  /** Returns a date that answers of the same age share, unless one of its readers has changed it. */
  #asOfDate(asOfMs: number): Date {
    if (this.#asOf.getTime() !== asOfMs) this.#asOf = new Date(asOfMs);
    return this.#asOf;
  }
}

/** Decides by the gateway's own function, in its two parts: many keys are used for the same again and again. */
function decide(
  found: RecordView,
  atHand: AtHand,
  purpose: Purpose | null,
  nowMs: number,
  address: string | undefined,
): Outcome {
  const outcome = outcomeOfState(found, nowMs, address);
  if (outcome !== 'VALID' || purpose === null) return outcome;
  const { action, resource } = purpose;
  if (atHand.action === action && atHand.resource === resource) return outcome;
  const decided = outcomeOfPurpose(found, purpose);
  if (decided === 'VALID' && atHand !== nothing) {
    atHand.action = action;
    atHand.resource = resource;
  }
  return decided;
}

/** Returns a date that the answers about a record share, unless one of their readers has changed it. */
function stopDateOf(atHand: AtHand, { stopsAt }: RecordView): Date | null {
  if (stopsAt !== null && atHand.stopsAt?.getTime() !== stopsAt) atHand.stopsAt = new Date(stopsAt);
  return atHand.stopsAt;
}

function toVerifiedKey({ id, realm, ownerId, externalId, labels, scopes }: RecordView): VerifiedKey {
  const subject = externalId === null ? null : Object.freeze({ externalId });
  return Object.freeze({ id, realm: realm.slug, ownerId, subject, labels, scopes });
}
