import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import { mutationQuery } from '../support/mutation-query.ts';
import { type MailServer, openMailServer } from '../support/mail-server.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { type Draw, seededDraw } from '../support/seeded-random.ts';
import { askNode } from './ask-node.ts';
import type { Entry } from './history.ts';
import { type FaultyNode, type NodeOptions, prepareNode } from './nodes.ts';
import type { WorldDatabase } from './own-database.ts';
import type { Scanner } from './report-leak.ts';

const HOUR_MS = 3_600_000;

const admin = { email: 'admin@localhost', password: 'a good long password' };

/** Nodes on one database with lines in between, and all that callers need; nobody does anything yet. */
export interface World {
  readonly database: WorldDatabase;
  readonly nodes: readonly FaultyNode[];
  readonly receiver: Receiver;
  readonly mails: MailServer;
  /** Whose reports of leaks the nodes believe. */
  readonly scanner: Scanner;
  readonly draw: Draw;
  readonly seed: number;
  /** A session of the administrator. */
  readonly token: string;
  /** The secret of a key that may verify. */
  readonly verifier: string;
  /** Asks for a change by the administrator while nothing is wrong, and takes its success. */
  mutate(mutation: string, input: object, selection: string): Promise<any>;
  /** What has been seen so far. */
  readonly entries: Entry[];
}

export interface WorldOptions {
  readonly database: WorldDatabase;
  readonly seed: number;
  readonly nodeCount: number;
  readonly toCallersThrough?: NodeOptions['toCallersThrough'];
  readonly collects?: NodeOptions['collects'];
}

/** Starts the nodes, on machines whose clocks are hours apart. */
export async function openWorld({
  database,
  seed,
  nodeCount,
  toCallersThrough,
  collects = false,
}: WorldOptions): Promise<World> {
  const draw = seededDraw(seed);
  const receiver = await openReceiver();
  const mails = await openMailServer();
  const signing = `whsec_${randomBytes(32).toString('base64')}`;
  const scanner = { name: 'scanner', signer: new Webhook(signing) };
  const settings = {
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: admin.password,
    KEYTIDE_LOG_LEVEL: 'error',
    KEYTIDE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
    KEYTIDE_WEBHOOK_PLAIN_HOSTS: '127.0.0.1',
    KEYTIDE_WEBHOOK_PORTS: String(receiver.port),
    KEYTIDE_SMTP_URL: mails.url,
    KEYTIDE_MAIL_FROM: 'keytide@example.com',
    KEYTIDE_LEAK_SOURCES: `${scanner.name}=${signing}`,
  };
  const nodes = await Promise.all(
    Array.from({ length: nodeCount }, (_, number) => {
      const clockOffsetMs = (number + 1) * HOUR_MS;
      const through = toCallersThrough === undefined ? {} : { toCallersThrough };
      return prepareNode({ number, database, settings, clockOffsetMs, collects, ...through });
    }),
  );
  await Promise.all(nodes.map((node) => node.start()));
  const [first] = nodes;
  expect(first).toBeDefined();
  const ask = async (mutation: string, input: object, selection: string, credential: string | null) => {
    const response = await askNode(first!, mutationQuery(mutation, selection), input, credential, 30_000);
    if ('value' in response && response.value.__typename.endsWith('Success')) return response.value;
    throw new Error(`${mutation}: ${JSON.stringify(response)}`);
  };
  const { token } = await ask('signIn', admin, 'token', null);
  const mutate = (mutation: string, input: object, selection: string) => ask(mutation, input, selection, token);
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { secret } = await mutate('issueKey', { realm: 'default', name: 'verifier', scopes }, 'secret');
  return { database, nodes, receiver, mails, scanner, draw, seed, token, verifier: secret, mutate, entries: [] };
}
