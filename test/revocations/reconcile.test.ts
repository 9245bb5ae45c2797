import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { JOURNAL_FORMAT } from '../../src/revocations/journal-entry.ts';
import { JournalFile } from '../../src/revocations/journal-file.ts';
import { checkJournal, reconcile, type ReconcileResult } from '../../src/revocations/reconcile.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { openStore } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import type { ManualClock } from '../support/clock.ts';
import { startedDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { sealingKey } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { createPortalSession } from '../support/portal.ts';
import {
  backUpTo,
  issue,
  journalPath,
  openJournaled,
  openTestJournal,
  perform,
  restoreFrom,
  verify,
} from '../support/revocation-journal.ts';

const HISTORY_COUNT = process.env['KEYTIDE_TEST_LONG'] === '1' ? 30 : 2;

/** Replays a journal on a database, at the time of a test. */
async function reconcileAt(database: string, path: string, clock: ManualClock): Promise<ReconcileResult> {
  const store = openStore(database, { poolSize: 3, log: silent });
  const client = createPgClient(database);
  await client.connect();
  const journal = await JournalFile.open(path);
  try {
    const random = systemRandom;
    const core = { prisma: store.prisma, clock, random, sealer: new Sealer(sealingKey, random) };
    return await reconcile({ core, client, journal });
  } finally {
    await Promise.all([client.end(), journal.close(), store.close()]);
  }
}

async function fitOf(database: string, path: string): Promise<string> {
  const client = createPgClient(database);
  await client.connect();
  const journal = await JournalFile.open(path);
  return await checkJournal(client, journal).finally(() => Promise.all([client.end(), journal.close()]));
}

interface Model {
  readonly gateway: Gateway;
  /** Keys by their secrets, oldest first. */
  readonly keys: { readonly id: string; readonly secrets: string[] }[];
}

/** A step of a history. `pick` chooses the key. A step that is refused changes nothing. */
type Step = readonly [name: keyof typeof steps, pick: number];

const attempt = async (gateway: Gateway, mutation: string, input: object, credential?: string) => {
  const selection = mutation === 'rotateKey' ? 'secret' : '__typename';
  const { data } = await gateway.ask(
    mutationQuery(mutation, selection),
    { input },
    credential ?? (await gateway.admin()),
  );
  return data?.[mutation];
};

const steps = {
  async issue({ gateway, keys }: Model) {
    const { id, secret } = await issue(gateway, `key ${keys.length}`);
    keys.push({ id, secrets: [secret] });
  },
  hold: ({ gateway }: Model, { id }: Model['keys'][number]) =>
    attempt(gateway, 'holdKey', { keyId: id, reason: 'checked' }),
  resume: ({ gateway }: Model, { id }: Model['keys'][number]) => attempt(gateway, 'resumeKey', { keyId: id }),
  revoke: ({ gateway }: Model, { id }: Model['keys'][number]) =>
    attempt(gateway, 'revokeKey', { keyId: id, reason: 'lost' }),
  async rotate({ gateway }: Model, { id, secrets }: Model['keys'][number]) {
    const rotated = await attempt(gateway, 'rotateKey', { keyId: id, gracePeriod: 'P1D' });
    if (rotated?.secret != null) secrets.push(rotated.secret);
  },
  async rotateAtOnce({ gateway }: Model, { id, secrets }: Model['keys'][number]) {
    const rotated = await attempt(gateway, 'rotateKey', { keyId: id, gracePeriod: 'PT0S' });
    if (rotated?.secret != null) secrets.push(rotated.secret);
  },
  confirm: ({ gateway }: Model, { id }: Model['keys'][number]) => attempt(gateway, 'confirmRotation', { keyId: id }),
  undo: ({ gateway }: Model, { id }: Model['keys'][number]) => attempt(gateway, 'undoRotation', { keyId: id }),
  narrow: ({ gateway }: Model, { id }: Model['keys'][number]) =>
    attempt(gateway, 'updateKey', { keyId: id, scopes: [{ action: 'package:unlist', resource: '**' }] }),
  shorten: ({ gateway }: Model, { id }: Model['keys'][number]) =>
    attempt(gateway, 'updateKey', {
      keyId: id,
      expiresAt: new Date(gateway.clock.now().getTime() + 60_000).toISOString(),
    }),
} satisfies Record<string, (model: Model, key: Model['keys'][number]) => Promise<unknown>>;

async function run(model: Model, history: readonly Step[]): Promise<void> {
  for (const [name, pick] of history) {
    const key = model.keys[pick % model.keys.length]!;
    await steps[name](model, key);
  }
}

const anyHistory = (size: number) =>
  array(tuple(constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])), nat(1_000)), {
    minLength: size,
    maxLength: size,
  });

test(
  'reconcile: in any history, a restored copy with its journal accepts and refuses each secret as the lost database did',
  { timeout: 300_000 },
  async () => {
    const seen = new Map<string, number>();
    let wrongWithout = 0;
    await assert(
      asyncProperty(anyHistory(12), anyHistory(25), async (before, after) => {
        const database = await startedDatabase();
        const path = journalPath();
        const gateway = await openJournaled(database, path);
        const model: Model = { gateway, keys: [] };
        for (let count = 0; count < 6; count += 1) await steps.issue(model);
        await run(model, before);
        const backup = await backUpTo(database);
        const known = new Set(model.keys.map(({ id }) => id));
        await run(model, after);
        await gateway.travel(120_000); // past the shortened lives
        const outcomes = new Map<string, string>();
        for (const { id, secrets } of model.keys)
          for (const secret of secrets)
            outcomes.set(secret, known.has(id) ? await verify(gateway, secret) : 'KEY_UNKNOWN');
        await gateway.stop();

        // A copy that served before its journal was replayed accepted what had been refused.
        const copy = await restoreFrom(backup);
        const without = await openGateway({ database: copy, clock: gateway.clock });
        for (const [secret, outcome] of outcomes)
          if (outcome !== 'VALID' && (await verify(without, secret)) === 'VALID') wrongWithout += 1;
        await without.stop();

        expect(await fitOf(copy, path)).toBe('OLDER');
        const result = await reconcileAt(copy, path, gateway.clock);
        expect(result).toMatchObject({ missing: null, unknownKeyCount: expect.any(Number) });
        expect(await fitOf(copy, path)).toBe('WHOLE');
        const restored = await openJournaled(copy, path, gateway.clock);
        const found = new Map<string, string>();
        for (const secret of outcomes.keys()) found.set(secret, await verify(restored, secret));
        expect(found).toEqual(outcomes);
        for (const outcome of found.values()) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        await restored.stop();
      }),
      { numRuns: HISTORY_COUNT, seed: 33, endOnFailure: true },
    );
    expect(wrongWithout).toBeGreaterThan(HISTORY_COUNT);
    for (const outcome of [
      'VALID',
      'KEY_REVOKED',
      'KEY_HELD',
      'SECRET_RETIRED',
      'KEY_EXPIRED',
      'SCOPE_MISSING',
      'KEY_UNKNOWN',
    ])
      expect([outcome, (seen.get(outcome) ?? 0) > 0]).toEqual([outcome, true]);
  },
);

test('reconcile: a replay that was interrupted is continued, and repeated it changes nothing', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openJournaled(database, path);
  const keys = [await issue(gateway, 'one'), await issue(gateway, 'two')];
  const backup = await backUpTo(database);
  for (const { id } of keys) await perform(gateway, 'revokeKey', { keyId: id, reason: 'lost' }, 'key { id }');
  await gateway.stop();

  const copy = await restoreFrom(backup);
  const client = createPgClient(copy);
  await client.connect();
  onTestFinished(() => client.end());
  // The last step fails.
  await client.query(
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$;
     CREATE TRIGGER fail BEFORE INSERT ON "Lineage" EXECUTE FUNCTION fail()`,
  );
  await expect(reconcileAt(copy, path, gateway.clock)).rejects.toThrow(/no space/);
  await client.query('DROP FUNCTION fail CASCADE');
  expect(await fitOf(copy, path)).toBe('OLDER');
  const countEvents = async () =>
    (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM "Event" WHERE type = 'KEY_REVOKED'`))
      .rows[0]!.count;
  expect(await countEvents()).toBe(2);
  expect(await reconcileAt(copy, path, gateway.clock)).toMatchObject({
    keyCount: 0,
    endedSessionCount: expect.any(Number),
  });
  expect(await fitOf(copy, path)).toBe('WHOLE');
  expect(await reconcileAt(copy, path, gateway.clock)).toMatchObject({ keyCount: 0, endedSessionCount: 0 });
  expect(await countEvents()).toBe(2);
  const events = await client.query(`SELECT reason, "actorKind" FROM "Event" WHERE type = 'KEY_REVOKED'`);
  expect(events.rows).toEqual([1, 2].map(() => ({ reason: 'lost', actorKind: 'ACCOUNT' })));
});

test('reconcile: accounts, members, webhooks, sessions and invitations that ended since the backup stay ended', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openJournaled(database, path);
  const [member, leaver] = [await gateway.person('member'), await gateway.person('leaver')];
  const [helper, returner] = [await gateway.person('helper'), await gateway.person('returner')];
  const right = { accountId: helper.id, reason: 'helps' };
  await perform(gateway, 'setAdministrator', { ...right, administrator: true }, 'account { id }');
  await perform(gateway, 'disableAccount', { accountId: returner.id, reason: 'away' }, 'account { id }');
  const { organization } = await perform(gateway, 'createOrganization', { name: 'Acme' }, 'organization { id }');
  const organizationId = organization.id;
  for (const { id } of [member, leaver])
    await perform(gateway, 'setMember', { organizationId, accountId: id, role: 'ADMIN' }, 'organization { id }');
  const hook = { url: 'https://hooks.example:1/', description: 'events' };
  const { webhook } = await perform(gateway, 'createWebhook', hook, 'webhook { id }');
  await perform(gateway, 'inviteAccount', { email: 'late@example.com' }, 'token');
  await gateway.travel(1_000);
  const backup = await backUpTo(database);
  await perform(gateway, 'setMember', { organizationId, accountId: member.id, role: 'MEMBER' }, 'organization { id }');
  await perform(gateway, 'setMember', { organizationId, accountId: leaver.id, role: null }, 'organization { id }');
  await perform(gateway, 'disableAccount', { accountId: leaver.id, reason: 'left' }, 'account { id }');
  await perform(gateway, 'setAdministrator', { ...right, administrator: false }, 'account { id }');
  const back = { accountId: returner.id, disabled: false, reason: 'is back' };
  await perform(gateway, 'disableAccount', back, 'account { id }');
  await perform(gateway, 'deleteWebhook', { webhookId: webhook.id }, '__typename');
  const passwords = { currentPassword: 'the password of member', newPassword: 'another good long password' };
  const { data } = await gateway.ask(mutationQuery('changePassword', '__typename'), { input: passwords }, member.token);
  expect(data['changePassword'].__typename).toBe('ChangePasswordSuccess');
  await gateway.stop();

  const copy = await restoreFrom(backup);
  const result = await reconcileAt(copy, path, gateway.clock);
  expect(result).toMatchObject({ otherCount: 6, passwordCount: 1, missing: null });
  expect(result.endedSessionCount).toBeGreaterThan(1);
  const restored = await openJournaled(copy, path, gateway.clock);
  const { prisma } = restored;
  expect(await prisma.membership.findMany({ where: { organizationId, role: { not: 'OWNER' } } })).toMatchObject([
    { accountId: member.id, role: 'MEMBER' },
  ]);
  expect(await prisma.account.findUniqueOrThrow({ where: { id: leaver.id } })).toMatchObject({
    disabledAt: expect.any(Date),
  });
  const open = { disabledAt: null, isAdministrator: false };
  expect(await prisma.account.findMany({ where: { id: { in: [helper.id, returner.id] } } })).toMatchObject([
    open,
    open,
  ]);
  expect(await prisma.webhook.findMany({ select: { state: true } })).toEqual([{ state: 'ENDED' }]);
  expect(await prisma.webhookSecret.count()).toBe(0);
  expect(await prisma.invitation.count({ where: { acceptedAt: null, expiresAt: { gt: gateway.clock.now() } } })).toBe(
    0,
  );
  const signIn = mutationQuery('signIn', 'token');
  for (const password of [passwords.currentPassword, passwords.newPassword]) {
    const input = { email: 'member@example.com', password };
    expect((await restored.ask(signIn, { input })).data['signIn']).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  }
  expect((await restored.ask('{ viewer { __typename } }', {}, member.token)).errors).toBeDefined();
});

test('reconcile: a subject that was disabled or removed since the backup is again, by whom it was, without portal sessions', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openJournaled(database, path);
  const realm = 'default';
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  const { secret } = await perform(gateway, 'issueKey', { realm, name: 'backend', scopes }, 'secret');
  const externalIds = ['other', 'ours', 'removed', 'taken', 'theirs'];
  const ids: Record<string, string> = {};
  for (const externalId of externalIds) {
    const { subject } = await perform(gateway, 'upsertSubject', { realm, externalId }, 'subject { id }');
    ids[externalId] = subject.id;
    await createPortalSession(gateway, secret, externalId);
  }
  const key = { realm, name: 'laptop', scopes: [{ action: 'package:push', resource: '**' }] };
  const ownerOf = { subject: { externalId: 'taken' } };
  await perform(gateway, 'issueKey', { ...key, ownerOf }, 'secret');
  const disable = async (externalId: string, credential?: string) => {
    const input = { realm, externalId, reason: `disabled ${credential === undefined ? 'by us' : 'by the API'}` };
    expect(await attempt(gateway, 'disableSubject', input, credential)).toMatchObject({
      __typename: 'DisableSubjectSuccess',
    });
  };
  await disable('taken', secret);
  const backup = await backUpTo(database);
  await disable('ours');
  await disable('taken');
  await disable('theirs', secret);
  const removed = { realm, externalId: 'removed', reason: 'asked for it' };
  await perform(gateway, 'removeSubject', removed, 'subject { id }');
  await gateway.stop();

  const copy = await restoreFrom(backup);
  expect(await reconcileAt(copy, path, gateway.clock)).toMatchObject({ otherCount: 4, missing: null });
  const { prisma } = await openJournaled(copy, path, gateway.clock);
  const subjects = await prisma.subject.findMany({ include: { portalSessions: { where: { endedAt: null } } } });
  const found = subjects.map((one) => [
    externalIds.find((externalId) => ids[externalId] === one.id),
    one.removedAt !== null ? 'REMOVED' : one.disabledAt !== null ? 'DISABLED' : 'ACTIVE',
    one.isDisabledByAdministrator,
    one.portalSessions.length,
  ]);
  expect(found.toSorted()).toEqual([
    ['other', 'ACTIVE', false, 1],
    ['ours', 'DISABLED', true, 0],
    ['removed', 'REMOVED', false, 0],
    ['taken', 'DISABLED', true, 0],
    ['theirs', 'DISABLED', false, 0],
  ]);
  expect(await prisma.hold.findMany()).toMatchObject([{ source: 'ADMINISTRATOR', reason: 'disabled by us' }]);
});

test('reconcile: a journal that begins after the backup says what it lacks, also after an interruption', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openGateway({ database });
  const [early, late] = [await issue(gateway, 'early'), await issue(gateway, 'late')];
  const backup = await backUpTo(database);
  const readEnd = async () => (await gateway.prisma.event.findFirstOrThrow({ orderBy: { position: 'desc' } })).position;
  const end = await readEnd();
  await perform(gateway, 'revokeKey', { keyId: early.id, reason: 'lost' }, 'key { id }');
  const from = await readEnd();
  await gateway.stop();
  // The log had dropped what was before.
  const journal = await openTestJournal(database, path);
  const { lineage } = journal;
  await journal.file.append([{ format: JOURNAL_FORMAT, lineage: lineage.id, parent: null, from: String(from) }]);
  const next = await openGateway({ database, journal, clock: gateway.clock });
  await perform(next, 'revokeKey', { keyId: late.id, reason: 'lost' }, 'key { id }');
  await next.stop();

  const copy = await restoreFrom(backup);
  const client = createPgClient(copy);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('UPDATE "LogHead" SET position = position + 5000'); // what an interrupted replay leaves
  const result = await reconcileAt(copy, path, gateway.clock);
  expect(result).toMatchObject({ keyCount: 1, missing: { from: String(end + 1n), to: String(from) } });
  const restored = await openJournaled(copy, path, gateway.clock);
  expect([await verify(restored, early.secret), await verify(restored, late.secret)]).toEqual(['VALID', 'KEY_REVOKED']);
});
