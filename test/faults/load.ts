import { decodeCursor } from '../../src/log/cursor.ts';
import { invariantsBroken } from '../support/invariants.ts';
import { seededDraw } from '../support/seeded-random.ts';
import { askNode } from './ask-node.ts';
import type { History } from './history.ts';
import { withDatabaseClient } from './own-database.ts';
import { readLog, waitUntilSettled } from './wait-until-settled.ts';
import { followEvents } from './follow-events.ts';
import { createVerifier } from './verifier.ts';
import type { World } from './world.ts';
import { type KnownSecret, createWriter } from './writer.ts';

const WRITERS = 4;
const VERIFIERS = 2;
const SUBSCRIBERS = 2;

/** As links of mails have it. */
const KEY_ID = /key_[\da-z]{26}/g;

/** Callers that are at work on a world until they are told to stop. */
export interface Load {
  /** Lets everybody finish and catch up, and tells what was seen. What is broken in the database itself is told too. */
  stop(): Promise<History & { readonly broken: object }>;
}

export interface LoadOptions {
  /** How long, after all faults, everybody has to catch up. */
  readonly settleMs: number;
  /** How far ahead of now keys are made to end. */
  readonly endMs: number;
  /** Of how many events the receiver refuses one, the first time that it comes; left out: none. */
  readonly refusesOneIn?: number;
}

/** Puts clients, verifiers, subscribers and a receiver to work. */
export async function startLoad(
  world: World,
  { settleMs, endMs, refusesOneIn = Infinity }: LoadOptions,
): Promise<Load> {
  const { nodes, token, entries, receiver, mails, scanner, seed, database } = world;
  const writing = new AbortController();
  const reading = new AbortController();
  const draws = (group: number, count: number) =>
    Array.from({ length: count }, (_, index) => seededDraw(seed + group * 100 + index));
  const offered = new Set<string>();
  receiver.respondWith((response, { body, text }) => {
    const { id, keyId } = body.data;
    const isFirst = !offered.has(id as string);
    offered.add(id as string);
    if (isFirst && offered.size % refusesOneIn === 0) return void response.writeHead(503).end();
    entries.push({ kind: 'DELIVERED', id: id as string, keyId: keyId as string | null, text });
    response.writeHead(204).end();
  });
  mails.beforeReply = ({ parsed }) => {
    const keyIds = new Set(parsed.text?.match(KEY_ID));
    entries.push({ kind: 'MAILED', messageId: parsed.messageId ?? '', keyIds: [...keyIds] });
  };
  await world.mutate('createWebhook', { url: receiver.url, realm: 'default' }, 'webhook { id }');
  const cursor = await askCursor(world);
  const since = Number(decodeCursor(cursor));

  const secrets: KnownSecret[] = [];
  const onAndOn = async (signal: AbortSignal, step: () => Promise<void>) => {
    while (!signal.aborted) await step();
  };
  const writers = draws(1, WRITERS).map((draw, index) =>
    onAndOn(
      writing.signal,
      createWriter({ name: `writer ${index}`, nodes, token, scanner, draw, entries, secrets, endMs }),
    ),
  );
  const verifiers = draws(2, VERIFIERS).map((draw) =>
    onAndOn(reading.signal, createVerifier({ nodes, credential: world.verifier, draw, entries, secrets })),
  );
  const subscribers = draws(3, SUBSCRIBERS).map((draw, number) =>
    followEvents({ number, nodes, token, draw, entries, after: cursor, signal: reading.signal }),
  );
  return {
    async stop() {
      writing.abort();
      await Promise.all(writers);
      await waitUntilSettled({ database, entries, since, subscriberCount: SUBSCRIBERS, settleMs });
      reading.abort();
      await Promise.all([...verifiers, ...subscribers]);
      const { connectionString } = database;
      const broken = await withDatabaseClient(connectionString, invariantsBroken);
      return { entries, events: await readLog(connectionString), since, broken };
    },
  };
}

async function askCursor({ nodes: [node], token }: World): Promise<string> {
  const response = await askNode(node!, '{ logCursor }', {}, token);
  if ('value' in response) return response.value as string;
  throw new Error(response.code);
}
