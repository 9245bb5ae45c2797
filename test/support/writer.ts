import type { EventType } from '../../src/domain/event.ts';
import { askAt } from './gateway-process.ts';
import { mutationQuery } from './mutation-query.ts';
import type { Draw } from './seeded-random.ts';

/** A change that was acknowledged. */
export interface AcknowledgedWrite {
  readonly mutation: string;
  readonly input: { readonly idempotencyKey: string };
  readonly event: EventType;
  readonly keyId: string;
  /** The secret that the answer showed. */
  readonly secret: string | null;
  /** How often the request was sent before an answer came. */
  readonly lostCount: number;
}

interface WrittenKey {
  readonly id: string;
  isHeld: boolean;
  isRotating: boolean;
}

const scopes = [{ action: 'package:push', resource: '**' }];

/** One client that changes keys of its own, one change after the other, and notes what was acknowledged. */
export class Writer {
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly #name: string;
  readonly #draw: Draw;
  readonly #token: string;
  readonly #findNode: () => Promise<{ readonly url: string }>;
  readonly #keys: WrittenKey[] = [];

  /** `findNode` gives the node to send to; asked again when a request was lost. */
  constructor(name: string, draw: Draw, token: string, findNode: () => Promise<{ readonly url: string }>) {
    this.#name = name;
    this.#draw = draw;
    this.#token = token;
    this.#findNode = findNode;
  }

  /** Makes one change, and comes back when it was acknowledged, whatever it takes. */
  async write(): Promise<void> {
    const key = this.#keys.length < 3 || this.#draw.isChance(0.2) ? null : this.#draw.pick(this.#keys);
    if (key === null) return this.#issue();
    const reason = 'as drawn';
    if (key.isHeld) {
      await this.#send('resumeKey', 'KEY_RESUMED', { keyId: key.id, reason });
      key.isHeld = false;
    } else if (key.isRotating && this.#draw.isChance(0.5)) {
      const isUndone = this.#draw.isChance(0.5);
      if (isUndone) await this.#send('undoRotation', 'KEY_ROTATION_UNDONE', { keyId: key.id });
      else await this.#send('confirmRotation', 'KEY_ROTATION_COMPLETED', { keyId: key.id });
      key.isRotating = false;
    } else if (!key.isRotating && this.#draw.isChance(0.4)) {
      await this.#send('rotateKey', 'KEY_ROTATION_STARTED', { keyId: key.id }, 'key { id } secret');
      key.isRotating = true;
    } else if (this.#draw.isChance(0.3)) {
      await this.#send('holdKey', 'KEY_HELD', { keyId: key.id, reason });
      key.isHeld = true;
    } else if (this.#draw.isChance(0.2)) {
      await this.#send('revokeKey', 'KEY_REVOKED', { keyId: key.id, reason });
      this.#keys.splice(this.#keys.indexOf(key), 1);
    } else {
      await this.#send('renewKey', 'KEY_RENEWED', { keyId: key.id, lifetime: 'P60D' });
    }
  }

  async #issue(): Promise<void> {
    const input = { realm: 'default', name: `of ${this.#name}`, lifetime: 'P45D', scopes };
    const { keyId } = await this.#send('issueKey', 'KEY_ISSUED', input, 'key { id } secret');
    this.#keys.push({ id: keyId, isHeld: false, isRotating: false });
  }

  async #send(
    mutation: string,
    event: EventType,
    fields: object,
    selection = 'key { id }',
  ): Promise<AcknowledgedWrite> {
    const input = { ...fields, idempotencyKey: `${this.#name} ${this.acknowledged.length}` };
    for (let lostCount = 0; ; lostCount += 1) {
      const node = await this.#findNode();
      const answer = await sendTo(node, { mutation, input }, this.#token, selection);
      if (answer === null) continue;
      const acknowledged = { mutation, input, event, ...answer, lostCount };
      this.acknowledged.push(acknowledged);
      return acknowledged;
    }
  }
}

/** Sends a change to a node. Null: no answer came, or one that says to ask again. */
export async function sendTo(
  { url }: { readonly url: string },
  { mutation, input }: { readonly mutation: string; readonly input: object },
  token: string,
  selection = 'key { id } secret',
): Promise<{ keyId: string; secret: string | null } | null> {
  const sent = await askAt(url, mutationQuery(mutation, selection), { input }, token).catch(() => null);
  if (sent === null || sent.errors?.[0]?.extensions['code'] === 'UNAVAILABLE') return null;
  const answer = sent.data?.[mutation];
  if (!answer?.__typename.endsWith('Success')) throw new Error(`${mutation}: ${JSON.stringify(sent)}`);
  return { keyId: answer.key.id, secret: answer.secret ?? null };
}
