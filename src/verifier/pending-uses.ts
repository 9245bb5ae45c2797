import { OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import { dayOf } from '../domain/usage-day.ts';
import { mergeBatch, type PendingUse, type UsedSecret } from './pending-use.ts';

/** Where the uses of a secret by one consumer on one day are counted until they are taken. */
export interface UseSlot {
  readonly consumer: string;
  /** Days since 1970 (UTC). */
  readonly day: number;
  lastMs: number;
  useCount: number;
}

/** The use of a secret by one consumer on one day, and its other uses. */
interface Slot extends UseSlot {
  readonly used: UsedSecret;
  firstMs: number;
  /** By day and consumer; on the first slot of the secret only. */
  others: Map<string, Slot> | null;
}

/**
 * Use in memory: a slot for each secret, consumer and day. A use costs one look-up by a number, and makes neither an object nor a
 * text unless it is the first of its slot.
 */
export class PendingUses {
  readonly #limits: { readonly secrets: number; readonly consumers: number };
  /** By the last 32 bits of a secret's id. What has the same bits is found by its whole id. */
  #byNumber = new Map<number, Slot>();
  #byId = new Map<string, Slot>();
  #size = 0;
  /** How many of the slots are of a secret's second, third … consumer. */
  #consumerCount = 0;

  /**
   * `consumers`: how many slots of further consumers there are when the next ones are folded into the overflow consumer.
   * `secrets`: how many secrets should be pending at most. A use is never dropped: more are accepted.
   */
  constructor(limits: { readonly secrets: number; readonly consumers: number }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether it should be written now. */
  get isFull(): boolean {
    return this.#size >= this.#limits.secrets || this.#consumerCount >= this.#limits.consumers;
  }

  /** Adds uses of a secret by a consumer, from one moment to another. Returns where they are counted until the next `take`. */
  add(used: UsedSecret, consumer: string, firstMs: number, lastMs: number, useCount: number): UseSlot {
    const secret = this.#find(used);
    if (secret === undefined) return this.#open(used, createSlot(used, consumer, firstMs, lastMs, useCount));
    const day = dayOf(firstMs);
    const isFirst = secret.consumer === consumer && secret.day === day;
    const slot = isFirst ? secret : secret.others?.get(`${day} ${consumer}`);
    if (slot === undefined) return this.#addConsumer(secret, consumer, firstMs, lastMs, useCount);
    if (firstMs < slot.firstMs) slot.firstMs = firstMs;
    if (lastMs > slot.lastMs) slot.lastMs = lastMs;
    slot.useCount += useCount;
    return slot;
  }

  /** Adds a use that was taken. */
  putBack({ keyId, secretId, consumer, firstMs, lastMs, useCount }: PendingUse): void {
    this.add({ id: keyId, secretId }, consumer, firstMs, lastMs, useCount);
  }

  /** Removes all uses, and returns them. */
  take(): readonly PendingUse[] {
    const { byNumber, byId } = this.#clear();
    const slots = [...byNumber.values(), ...byId.values()];
    const uses = slots.flatMap(toUses);
    // A secret that is known by its numbers and by its text is in both.
    return this.#hasBoth(slots) ? mergeBatch(uses) : uses;
  }

  /**
   * Removes all uses at once, and returns them in parts of at most so many, each of one day and with a secret and consumer once. A
   * part is made when it is read, so that no turn of the event loop makes all of them.
   */
  takeParts(size: number): Iterable<readonly PendingUse[]> {
    const { byNumber, byId } = this.#clear();
    return concat(listParts(byNumber.values(), size), listParts(byId.values(), size));
  }

  /** Removes the uses of some secrets, and returns them. */
  takeSecrets(secretIds: ReadonlySet<string>): readonly PendingUse[] {
    const taken: PendingUse[] = [];
    for (const slots of [this.#byNumber as Map<unknown, Slot>, this.#byId as Map<unknown, Slot>]) {
      for (const [name, slot] of slots) {
        if (!secretIds.has(slot.used.secretId)) continue;
        const uses = toUses(slot);
        slots.delete(name);
        this.#size -= uses.length;
        this.#consumerCount -= uses.length - 1;
        taken.push(...uses);
      }
    }
    return mergeBatch(taken);
  }

  #clear(): { readonly byNumber: Map<number, Slot>; readonly byId: Map<string, Slot> } {
    const slots = { byNumber: this.#byNumber, byId: this.#byId };
    this.#byNumber = new Map();
    this.#byId = new Map();
    this.#size = 0;
    this.#consumerCount = 0;
    return slots;
  }

  #find(used: UsedSecret): Slot | undefined {
    const { secretLow } = used;
    if (secretLow === undefined) return this.#byId.get(used.secretId);
    const slot = this.#byNumber.get(secretLow | 0);
    if (slot === undefined) return undefined;
    const isSame = slot.used.secretLow === secretLow && slot.used.secretHigh === used.secretHigh;
    return isSame ? slot : this.#byId.get(used.secretId);
  }

  #open(used: UsedSecret, slot: Slot): UseSlot {
    const { secretLow } = used;
    if (secretLow === undefined || this.#byNumber.has(secretLow | 0)) this.#byId.set(used.secretId, slot);
    else this.#byNumber.set(secretLow | 0, slot);
    this.#size += 1;
    return slot;
  }

  #addConsumer(secret: Slot, consumer: string, firstMs: number, lastMs: number, useCount: number): UseSlot {
    const mayFold = consumer !== '' && consumer !== OVERFLOW_CONSUMER;
    if (mayFold && this.#consumerCount >= this.#limits.consumers)
      return this.add(secret.used, OVERFLOW_CONSUMER, firstMs, lastMs, useCount);
    const slot = createSlot(secret.used, consumer, firstMs, lastMs, useCount);
    secret.others ??= new Map();
    secret.others.set(`${slot.day} ${consumer}`, slot);
    this.#size += 1;
    this.#consumerCount += 1;
    return slot;
  }

  #hasBoth(slots: readonly Slot[]): boolean {
    const textCount = slots.filter(({ used }) => used.secretLow === undefined).length;
    return textCount > 0 && textCount < slots.length;
  }
}

function* concat<Item>(...lists: readonly Iterable<Item>[]): Generator<Item, void> {
  for (const list of lists) yield* list;
}

function* listParts(slots: Iterable<Slot>, size: number): Generator<readonly PendingUse[], void> {
  const byDay = new Map<number, PendingUse[]>();
  for (const slot of slots) {
    for (const use of toUses(slot)) {
      const part = byDay.get(use.day) ?? [];
      part.push(use);
      if (part.length < size) byDay.set(use.day, part);
      else {
        byDay.delete(use.day);
        yield part;
      }
    }
  }
  yield* byDay.values();
}

/** Keeps only what tells the secret: what it was found in holds ten times as much, which each collection would copy. */
function createSlot(found: UsedSecret, consumer: string, firstMs: number, lastMs: number, useCount: number): Slot {
  const { id, secretId, secretLow, secretHigh, generation } = found;
  const used: UsedSecret = { id, secretId, secretLow, secretHigh, ...(generation !== undefined && { generation }) };
  return { used, consumer, day: dayOf(firstMs), firstMs, lastMs, useCount, others: null };
}

function toUses(slot: Slot): readonly PendingUse[] {
  const { id: keyId, secretId, generation } = slot.used;
  return [slot, ...(slot.others?.values() ?? [])].map(({ consumer, day, firstMs, lastMs, useCount }) => ({
    secretId,
    keyId,
    consumer,
    day,
    firstMs,
    lastMs,
    useCount,
    generation,
  }));
}
