import { createClient, type Client } from 'graphql-ws';
import { onTestFinished, TestRunner } from 'vitest';
import { WebSocket } from 'ws';
import { runFirstStart } from '../../src/accounts/first-start.ts';
import { openSession } from '../../src/accounts/sign-in.ts';
import { compose, type Node } from '../../src/compose/compose.ts';
import type { Parts } from '../../src/compose/parts.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { listen } from '../../src/http/listen.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { describeSettings } from '../../src/settings/describe-settings.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from './clock.ts';
import { startedDatabase } from './database.ts';
import { ADMIN, sealingKey } from './first-node.ts';
import { unreachableWebhooks } from './unreachable-webhooks.ts';
import { sharedPolicies } from './policies.ts';

/** A whole answer of GraphQL over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, any>;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: string[];
    readonly extensions: Record<string, any>;
  }[];
}

/** A real node on a real database and a real port, with a clock that stands still until it is told to move. */
export interface Gateway {
  readonly url: string;
  readonly node: Node;
  readonly services: Node['services'];
  readonly prisma: Store['prisma'];
  readonly clock: ManualClock;
  readonly database: string;
  /** Every line that it has logged. */
  readonly logged: string[];
  /** The administrator's session; made anew after time has passed. */
  admin(): Promise<string>;
  /** A session of an account, made without its password. */
  session(accountId: string): Promise<string>;
  /** An account with that name, and a session of it. */
  person(name: string): Promise<{ readonly id: string; readonly token: string }>;
  /** Asks GraphQL over HTTP, with a session token or a key's secret. */
  ask(query: string, variables?: object, credential?: string | null, headers?: Record<string, string>): Promise<Answer>;
  /** A graphql-ws client, as a caller would make it. */
  socket(credential: string | null, options?: { retryAttempts?: number }): Client;
  /** Lets time pass, then all that is due be reviewed, and the log be read. */
  travel(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a node for a test; it ends with the test (opened in beforeAll, the caller stops it). On the same database as another one, it is its second node. */
export async function openGateway(
  options: Partial<Parts> & { database?: string; clock?: ManualClock } = {},
): Promise<Gateway> {
  const database = options.database ?? (await startedDatabase());
  const clock = options.clock ?? new ManualClock();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'debug',
    format: 'json',
    isTerminal: false,
    isColored: false,
    write: (lines) => logged.push(...lines.split(/(?<=\n)/)),
  });
  const store = options.store ?? openStore(database, { poolSize: 10, log: logger });
  const random = options.random ?? systemRandom;
  const node = await compose({
    store,
    random,
    sealer: new Sealer(sealingKey, random),
    logger,
    policies: await sharedPolicies(),
    proxies: new TrustedProxies([]),
    allowedOrigins: [],
    auth: { headers: readSettings({}).authHeaders, trustedRealms: null },
    openLimits: readSettings({}),
    serverLimits: readSettings({}),
    verificationKeys: readSettings({}).verificationKeys,
    approvalKeys: null,
    issuer: 'http://keytide.test',
    publicUrl: () => 'https://keytide.test',
    mail: null,
    isOpen: true,
    logRetentionMs: null,
    isClockTrusted: () => true,
    webhooks: unreachableWebhooks,
    issuers: unreachableWebhooks,
    leaks: { githubKeys: null, sources: [] },
    settings: describeSettings({}),
    ...options,
    clock,
  });
  const { services } = node;
  if ((await store.prisma.account.count()) === 0) {
    await runFirstStart(services, { email: ADMIN.email, password: new Sensitive(ADMIN.password) });
  }
  const port = await listen(node.http, '127.0.0.1', 0);
  const url = `http://127.0.0.1:${port}`;
  const clients: Client[] = [];
  let isStopped = false;

  const gateway: Gateway = {
    url,
    node,
    services,
    prisma: store.prisma,
    clock,
    database,
    logged,
    async admin() {
      const { id } = await store.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
      return gateway.session(id);
    },
    async session(accountId) {
      const account = await store.prisma.account.findUniqueOrThrow({ where: { id: accountId } });
      const session = await openSession(services, account);
      if (isFailure(session)) throw new Error(session.message);
      return session.token.reveal();
    },
    async person(name) {
      const invited = await gateway.ask(
        'mutation($input: InviteAccountInput!) { inviteAccount(input: $input) { ... on InviteAccountSuccess { token } } }',
        { input: { email: `${name}@example.com` } },
        await gateway.admin(),
      );
      const accepted = await gateway.ask(
        'mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { ... on AcceptInvitationSuccess { account { id } } } }',
        { input: { token: invited.data['inviteAccount'].token, name, password: `the password of ${name}` } },
      );
      const { id } = accepted.data['acceptInvitation'].account;
      return { id, token: await gateway.session(id) };
    },
    async ask(query, variables = {}, credential = null, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
      return { status: response.status, headers: response.headers, ...body };
    },
    socket(credential, { retryAttempts = 0 } = {}) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts,
        connectionParams: credential === null ? {} : { authorization: `Bearer ${credential}` },
      });
      clients.push(client);
      return client;
    },
    async travel(ms) {
      clock.advance(ms);
      await node.reviewer.reviewDue();
      await services.follower.catchUp();
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      for (const client of clients) await client.dispose();
      await node.stop();
      await store.close();
    },
  };
  // Opened in a hook, for all tests of a file, it ends with the file: the caller stops it.
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => gateway.stop());
  return gateway;
}
