import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { backUp } from '../../src/entry/backup.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { parseGithubKeys } from '../../src/http/leaks/parse-github-keys.ts';
import { Canary } from './canary.ts';
import { startedDatabase } from './database.ts';
import { dumpTables } from './dump-tables.ts';
import { sealingKey } from './first-node.ts';
import { GithubSigner, listOf } from './leak-world.ts';
import { openGateway, type Answer, type Gateway } from './gateway.ts';
import { journalPath, openTestJournal } from './revocation-journal.ts';
import { scratchFolder } from './scratch-folder.ts';
import { createPgClient } from '../../src/store/connection.ts';

/** The fields of a mutation's success that show a secret to the one who asked. */
const SHOWN = ['secret', 'token', 'confirmation'];

/** A gateway whose secrets are marked, and everything that is said to it and by it looked through. */
export interface CanaryTraffic {
  readonly canary: Canary;
  /** Its `ask` looks through what it answers, and gives every mutation that takes one an idempotency key that is marked. */
  readonly gateway: Gateway;
  /** Who signs reports of leaks that it believes. */
  readonly github: GithubSigner;
  /** What was met so far: `issueKey IssueKeySuccess`, `key FOUND`, `holdKey UNAUTHENTICATED`. */
  readonly outcomesSeen: Set<string>;
  /** Looks through what came by another way. */
  scan(place: string, text: string): void;
  /** Where something was found that must not be there: in answers so far, the log, the metrics, the database, its backup, the journal. */
  findLeaks(): Promise<string[]>;
}

export async function openCanaryTraffic(takesIdempotencyKey: (mutation: string) => boolean): Promise<CanaryTraffic> {
  const canary = new Canary();
  const github = new GithubSigner();
  const database = await startedDatabase();
  const journal = journalPath();
  const gateway = await openGateway({
    database,
    journal: await openTestJournal(database, journal),
    random: canary.random,
    proxies: new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]),
    isClockTrusted: () => false,
    leaks: { githubKeys: { keys: parseGithubKeys(listOf(github))! }, sources: [] },
  });
  const outcomesSeen = new Set<string>();
  const leaks: string[] = [];
  let askedCount = 0;
  const lookThrough = (place: string, text: string) => {
    leaks.push(...canary.findIn(text).map((leak) => `${place}: ${leak}`));
  };

  const ask: Gateway['ask'] = async (query, variables = {}, credential = null, headers = {}) => {
    const mutation = /^\s*mutation[^{]*\{\s*(\w+)/.exec(query)?.[1];
    const { input } = variables as { input?: object };
    if (mutation !== undefined && input !== undefined && takesIdempotencyKey(mutation)) {
      variables = { input: { idempotencyKey: canary.text('idempotency key'), ...input } };
    }
    askedCount += 1;
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        // From another address each time, so that no number of attempts is too many.
        'X-Forwarded-For': `198.51.${askedCount >> 8}.${askedCount & 255}`,
        ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    let text = await response.text();
    const answer = JSON.parse(text) as Answer;
    for (const [field, value] of Object.entries(answer.data ?? {})) {
      outcomesSeen.add(`${field} ${value?.__typename ?? (value == null ? 'NOTHING' : 'FOUND')}`);
      for (const shown of SHOWN.flatMap((name) => value?.[name] ?? [])) {
        canary.watch(`${field}’s secret`, shown);
        // Shown once, to the one who asked: anywhere else in the same answer it is found.
        text = text.replace(JSON.stringify(shown), '""');
      }
    }
    for (const { path, extensions } of answer.errors ?? [])
      outcomesSeen.add(`${path?.[0] ?? '-'} ${extensions?.['code']}`);
    lookThrough(`answer to ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}`, text);
    lookThrough('headers', JSON.stringify([...response.headers]));
    return { ...answer, status: response.status, headers: response.headers };
  };
  Object.assign(gateway, { ask });

  return {
    canary,
    gateway,
    github,
    outcomesSeen,
    scan: lookThrough,
    async findLeaks() {
      await gateway.services.uses.flush();
      for (const line of gateway.logged) lookThrough('log', line);
      lookThrough('metrics', await (await fetch(`${gateway.url}/metrics`)).text());
      const database = createPgClient(gateway.database);
      await database.connect();
      for (const [table, lines] of Object.entries(await dumpTables(database))) {
        for (const line of lines) {
          lookThrough(`table ${table}`, line);
          const bytes = [...line.matchAll(/"\\\\x([0-9a-f]*)"/g)].map(([, digits = '']) => Buffer.from(digits, 'hex'));
          lookThrough(`bytes in table ${table}`, bytes.map((each) => each.toString('latin1')).join('\n'));
        }
      }
      await database.end();
      for (const line of readFileSync(journal, 'utf8').split('\n')) lookThrough('journal of revocations', line);
      const backup = join(scratchFolder(), 'backup');
      const settings = {
        DATABASE_URL: gateway.database,
        KEYTIDE_SEALING_KEY: Buffer.from(sealingKey).toString('base64'),
      };
      await backUp(settings, backup, (line) => lookThrough('log of the backup', line));
      for (const line of gunzipSync(readFileSync(backup)).toString().split('\n')) lookThrough('backup', line);
      return [...new Set(leaks)];
    },
  };
}
