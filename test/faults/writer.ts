import { setTimeout as pause } from 'node:timers/promises';
import { WEEK_MS } from '../../src/domain/duration.ts';
import type { EventType } from '../../src/domain/event.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import type { Draw } from '../support/seeded-random.ts';
import { type NodeResponse, askNode } from './ask-node.ts';
import type { FaultyNode } from './nodes.ts';
import type { KeyChange, Entry } from './history.ts';
import { reportLeak, type Scanner } from './report-leak.ts';

/** A secret of a key, for verifiers to ask about. */
export interface KnownSecret {
  readonly keyId: string;
  readonly generation: number;
  readonly text: string;
}

export interface WriterOptions {
  readonly name: string;
  readonly nodes: readonly FaultyNode[];
  readonly token: string;
  readonly scanner: Scanner;
  readonly draw: Draw;
  readonly entries: Entry[];
  readonly secrets: KnownSecret[];
  /** How far ahead of now keys are made to end. */
  readonly endMs: number;
}

interface OwnKey {
  readonly id: string;
  generation: number;
  isHeld: boolean;
  isRotating: boolean;
}

type ChangeEffect = Partial<Pick<KeyChange, 'retires' | 'endsAt'>>;

/** Between an answer that says to ask again and doing so. */
const AGAIN_MS = 50;

/** What a change is called that was made because a scanner reported the key’s secret. */
export const LEAK_REPORT = 'leak report';

const scopes = [{ action: 'package:push', resource: '**' }];
const reason = 'as drawn';

/** A client that changes keys of its own, one change after the other, and repeats what was not answered. */
export function createWriter({
  name,
  nodes,
  token,
  scanner,
  draw,
  entries,
  secrets,
  endMs,
}: WriterOptions): () => Promise<void> {
  const keys: OwnKey[] = [];
  let count = 0;

  async function send(mutation: string, event: EventType, fields: object, sets: ChangeEffect = {}): Promise<any> {
    const showsSecret = mutation === 'issueKey' || mutation === 'rotateKey';
    const query = mutationQuery(mutation, showsSecret ? 'key { id } secret' : 'key { id }');
    return untilAnswered(mutation, event, sets, async (node, id) => {
      const response = await askNode(node, query, { ...fields, idempotencyKey: id }, token);
      if ('code' in response || response.value.__typename.endsWith('Success')) return response;
      return { code: response.value.code };
    });
  }

  /** Asks any node, and again until one answers; what was acknowledged is written down. Null: it was not. */
  async function untilAnswered(
    mutation: string,
    event: EventType,
    sets: ChangeEffect,
    ask: (node: FaultyNode, id: string) => Promise<NodeResponse>,
  ): Promise<any> {
    count += 1;
    const sentAt = Date.now();
    for (;;) {
      const node = draw.pick(nodes);
      const response = await ask(node, `${name} ${count}`);
      if ('value' in response) {
        const keyId = response.value.key.id as string;
        const answered = { mutation, event, keyId, sentAt, answeredAt: Date.now(), node: node.number };
        entries.push({ kind: 'CHANGED', ...answered, retires: null, endsAt: null, ...sets });
        return response.value;
      }
      const { code } = response;
      if (code !== 'NO_ANSWER' && code !== 'UNAVAILABLE') {
        // What it asked for had become the past before anybody heard of it.
        if (code === 'EXPIRY_OUT_OF_BOUNDS' && sets.endsAt != null) return null;
        entries.push({ kind: 'FAILED', mutation, code });
        return null;
      }
      await pause(AGAIN_MS);
    }
  }

  async function issue(): Promise<void> {
    const answer = await send('issueKey', 'KEY_ISSUED', { realm: 'default', name, lifetime: 'P45D', scopes });
    if (answer === null) return;
    keys.push({ id: answer.key.id, generation: 1, isHeld: false, isRotating: false });
    secrets.push({ keyId: answer.key.id, generation: 1, text: answer.secret });
  }

  /** What a change that went wrong has left of a key is for the checker: nobody goes on with it. */
  async function change(key: OwnKey, mutation: string, event: EventType, fields: object = {}, sets: ChangeEffect = {}) {
    const answer = await send(mutation, event, { keyId: key.id, ...fields }, sets);
    if (answer === null) drop(key);
    return answer;
  }

  function drop(key: OwnKey): void {
    if (keys.includes(key)) keys.splice(keys.indexOf(key), 1);
  }

  async function rotate(key: OwnKey): Promise<void> {
    const answer = await change(key, 'rotateKey', 'KEY_ROTATION_STARTED');
    key.isRotating = true;
    key.generation += 1;
    if (answer !== null) secrets.push({ keyId: key.id, generation: key.generation, text: answer.secret });
  }

  async function confirm(key: OwnKey): Promise<void> {
    await change(key, 'confirmRotation', 'KEY_ROTATION_COMPLETED', {}, { retires: key.generation - 1 });
    key.isRotating = false;
  }

  /** Somebody finds its newest secret in public. */
  async function leak(key: OwnKey): Promise<void> {
    drop(key);
    const { id, generation } = key;
    const found = secrets.find((secret) => secret.keyId === id && secret.generation === generation);
    await untilAnswered(LEAK_REPORT, 'KEY_HELD', {}, async (node, report) => {
      const response = await reportLeak(node, scanner, report, found?.text ?? '');
      if ('code' in response) return response;
      return response.value === 'true_positive' ? { value: { key: { id } } } : { code: String(response.value) };
    });
  }

  /** Ends it, by a revocation or by an end that is near, or tomorrow. */
  async function end(key: OwnKey): Promise<void> {
    drop(key);
    if (draw.isChance(0.5)) return void (await change(key, 'revokeKey', 'KEY_REVOKED', { reason }));
    // A notice of it comes due, or it does.
    const endsAt = Date.now() + endMs + (draw.isChance(0.4) ? WEEK_MS : 0);
    await change(key, 'updateKey', 'KEY_UPDATED', { expiresAt: new Date(endsAt).toISOString() }, { endsAt });
  }

  async function hold(key: OwnKey, isHeld: boolean): Promise<void> {
    await change(key, isHeld ? 'holdKey' : 'resumeKey', isHeld ? 'KEY_HELD' : 'KEY_RESUMED', { reason });
    key.isHeld = isHeld;
  }

  return async () => {
    const key = keys.length < 3 || draw.isChance(0.15) ? null : draw.pick(keys);
    if (key === null) await issue();
    else if (key.isHeld) await hold(key, false);
    else if (!key.isRotating && draw.isChance(0.07)) await leak(key);
    else if (key.isRotating && draw.isChance(0.5)) await confirm(key);
    else if (!key.isRotating && draw.isChance(0.4)) await rotate(key);
    else if (draw.isChance(0.3)) await hold(key, true);
    else if (!key.isRotating && draw.isChance(0.5)) await end(key);
    else await change(key, 'renewKey', 'KEY_RENEWED', { lifetime: 'P60D' });
  };
}
