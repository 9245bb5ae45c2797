import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { MIGRATIONS_FOLDER } from '../../src/store/migration.ts';
import { emptyDatabase } from '../support/database.ts';
import { askAt, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { unpackReleaseBefore } from './release-before.ts';

const password = 'a good long password';
const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

const KEY_COUNT = 8;
const WORKER_COUNT = 4;
/** Between two requests of a worker: the load is of at most 80 requests a second. */
const PAUSE_MS = 50;
/** How many requests a stage of the upgrade has at least. */
const STAGE_REQUESTS = 40;

/** Requests of many callers at once, of which each has to succeed: verifications, renewals and issues. */
class Load {
  /** The nodes that get requests, as a balancer knows them. */
  nodes: readonly GatewayProcess[];
  readonly problems: string[] = [];
  readonly #answered = new Map<GatewayProcess, number>();
  readonly #token: string;
  readonly #secrets: string[] = [];
  readonly #workers: Promise<void>[] = [];
  #isOver = false;
  #count = 0;

  constructor(node: GatewayProcess, token: string) {
    this.nodes = [node];
    this.#token = token;
  }

  answeredBy(node: GatewayProcess): number {
    return this.#answered.get(node) ?? 0;
  }

  async issue(node: GatewayProcess): Promise<void> {
    const input = { realm: 'default', name: `key ${this.#secrets.length}`, scopes, lifetime: 'P90D' };
    const { secret } = await this.#perform(node, 'issueKey', input, 'secret', this.#token);
    this.#secrets.push(secret);
  }

  start(): void {
    for (let index = 0; index < WORKER_COUNT; index++) this.#workers.push(this.#work());
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    while (!this.#isOver) {
      const turn = this.#count++;
      const node = this.nodes[turn % this.nodes.length]!;
      const secret = this.#secrets[turn % this.#secrets.length]!;
      try {
        if (turn % 20 === 7) await this.issue(node);
        else if (turn % 5 === 3) await this.#renew(node, secret, turn);
        else await this.#verify(node, secret);
        this.#answered.set(node, this.answeredBy(node) + 1);
      } catch (error) {
        this.problems.push(`${turn}: ${String(error)} ${String((error as Error).cause ?? '')}`);
      }
      await pause(PAUSE_MS);
    }
  }

  async #verify(node: GatewayProcess, secret: string): Promise<void> {
    const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'acme/core' };
    const answer = await askAt(node.url, VERIFY_KEY, { input }, this.#token);
    if (answer.data?.['verifyKey'].outcome !== 'VALID') throw new Error(JSON.stringify(answer));
  }

  async #renew(node: GatewayProcess, secret: string, turn: number): Promise<void> {
    await this.#perform(node, 'renewKey', { idempotencyKey: `renewal ${turn}` }, 'key { id }', secret);
  }

  async #perform(node: GatewayProcess, mutation: string, input: object, selection: string, credential: string) {
    const answer = await askAt(node.url, mutationQuery(mutation, selection), { input }, credential);
    const result = answer.data?.[mutation];
    if (result?.__typename.endsWith('Success') !== true) throw new Error(`${mutation}: ${JSON.stringify(answer)}`);
    return result;
  }
}

test(
  'upgrade under load: a node of this release migrates the database and takes over, and no request fails',
  { timeout: 120_000 },
  async () => {
    const folder = scratchFolder();
    const settings = {
      DATABASE_URL: await emptyDatabase(),
      KEYTIDE_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
      KEYTIDE_ADMIN_PASSWORD: password,
      KEYTIDE_DATA_DIR: folder,
    };
    const before = await startGateway(folder, settings, `exec node ${await unpackReleaseBefore()} serve`);
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
    const { data } = await askAt(before.url, signIn, { input: { email: 'admin@localhost', password } });
    const load = new Load(before, data['signIn'].token);
    for (let index = 0; index < KEY_COUNT; index++) await load.issue(before);
    load.start();
    onTestFinished(() => load.end());
    const reach = (node: GatewayProcess, count: number) =>
      expect.poll(() => load.answeredBy(node), { timeout: 60_000 }).toBeGreaterThan(count);
    await reach(before, STAGE_REQUESTS);

    const answeredBefore = load.answeredBy(before);
    const after = await startGateway(folder, settings);
    // The release before went on while the database was migrated.
    expect(load.answeredBy(before)).toBeGreaterThan(answeredBefore);
    const client = createPgClient(settings.DATABASE_URL);
    await client.connect();
    const { rows } = await client.query('SELECT migration_name FROM _prisma_migrations ORDER BY 1');
    await client.end();
    const migrations = readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rows.map((row) => row.migration_name)).toEqual(migrations.map(({ name }) => name).toSorted());
    expect(load.problems).toEqual([]);

    load.nodes = [before, after];
    await reach(after, STAGE_REQUESTS);
    // The balancer sends nothing more to the old node, which answers what it has.
    load.nodes = [after];
    expect(await before.end('SIGTERM')).toEqual({ status: 0, signal: null });
    await reach(after, load.answeredBy(after) + STAGE_REQUESTS);
    await load.end();
    expect(load.problems).toEqual([]);
    for (const node of [before, after]) expect(node.written().stdout).not.toMatch(/"level":"(error|fatal)"/);
  },
);
