import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { decodeFollowCursor } from '../../src/keys/follow/follow-cursor.ts';
import { quietChangeRule } from '../../src/log/quiet-changes.ts';
import { change } from '../../src/log/change.ts';
import { readSnapshot, openLog } from '../support/follow.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';

const follow = { action: 'keytide:follow', resource: '**' };

async function openFollowedGateway() {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const follower = await issue(gateway, admin, { name: 'the API', scopes: [follow] });
  return { gateway, admin, follower };
}

async function statusOf({ url }: Gateway, path: string, credential: string | null, method = 'GET'): Promise<number> {
  const headers = credential === null ? {} : { Authorization: `Bearer ${credential}` };
  const response = await fetch(`${url}${path}`, { method, headers, signal: AbortSignal.timeout(10_000) });
  await response.body?.cancel();
  return response.status;
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

test('GET /snapshot: it has what verifications of the realm depend on, without names and secrets', async () => {
  const { gateway, admin, follower } = await openFollowedGateway();
  const labels = [{ name: 'repo', value: 'core' }];
  const { id, secret } = await issue(gateway, admin, { name: 'hush-hush', labels, lifetime: 'P30D' });
  const held = await issue(gateway, admin);
  await mutate(gateway, admin, 'holdKey', { keyId: held.id, reason: 'a private reason' });
  const revoked = await issue(gateway, admin);
  await mutate(gateway, admin, 'revokeKey', { keyId: revoked.id, reason: 'test' });
  const { data } = await gateway.ask(ROTATE_KEY, { input: { keyId: held.id, gracePeriod: 'PT0S' } }, admin);
  const { lines, keys, head, text } = await readSnapshot(gateway, follower.secret);
  expect(lines[0]).toEqual({
    realm: {
      format: 1,
      id: expect.any(String),
      slug: 'default',
      foldsCase: false,
      actions: expect.arrayContaining(['package:push']),
      foreignSecrets: null,
    },
  });
  const { ownerId } = keys[0]!;
  const now = gateway.clock.now().getTime();
  const { renewalDueAt } = await gateway.prisma.key.findUniqueOrThrow({ where: { id } });
  expect(keys.find((key) => key.id === id)).toEqual({
    id,
    ownerId,
    externalId: null,
    tokenRuleId: null,
    scopes: [{ action: 'package:push', resource: 'Acme.*' }],
    labels,
    expiresAt: now + 30 * DAY_MS,
    expiryBasis: 'HARD',
    stopsAt: now + 30 * DAY_MS,
    expiredAt: null,
    revokedAt: null,
    renewalDueAt: renewalDueAt?.getTime(),
    notBefore: null,
    allowedAddresses: [],
    warnings: null,
    brownouts: null,
    holdSources: [],
    secrets: [{ digest: digestOf(secret), generation: 1, retiresAt: null }],
  });
  expect(keys.find((key) => key.id === held.id)).toMatchObject({
    holdSources: ['OWNER'],
    secrets: [
      { digest: digestOf(held.secret), generation: 1, retiresAt: now },
      { digest: digestOf(data['rotateKey'].secret), generation: 2, retiresAt: null },
    ],
  });
  expect(keys.map((key) => key.id).toSorted()).toEqual([follower.id, id, held.id].toSorted());
  expect(head).toEqual({ cursor: expect.any(String), asOf: now, time: now });
  for (const hidden of ['hush-hush', 'a private reason', secret, secret.slice(3, 20)])
    expect(text).not.toContain(hidden);
});

test('GET /snapshot and /log: only keys with keytide:follow get them, and only their own realm', async () => {
  const { gateway, admin, follower } = await openFollowedGateway();
  const { head } = await readSnapshot(gateway, follower.secret);
  const scopes = ['keytide:verify', 'keytide:read', 'keytide:issue'].map((action) => ({ action, resource: '**' }));
  const verifier = await issue(gateway, admin, { scopes });
  const callers: [string | null, number][] = [
    [null, 401],
    ['kt_nothing', 401],
    [admin, 403],
    [verifier.secret, 403],
  ];
  for (const [credential, status] of callers) {
    expect(await statusOf(gateway, '/snapshot', credential)).toBe(status);
    expect(await statusOf(gateway, `/log?after=${head.cursor}`, credential)).toBe(status);
  }
  const realm = 'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }';
  const { data } = await gateway.ask(realm, { input: { slug: 'staging', name: 'Staging' } }, admin);
  expect(data['createRealm'].__typename).toBe('CreateRealmSuccess');
  const elsewhere = await issue(gateway, admin, { realm: 'staging', scopes: [follow] });
  const snapshot = await readSnapshot(gateway, elsewhere.secret);
  expect(snapshot.keys.map(({ id }) => id)).toEqual([elsewhere.id]);
  const log = await openLog(gateway, elsewhere.secret, head.cursor);
  await log.find((line) => line.head !== undefined);
  // A review in the background may send the key again.
  expect(new Set(log.lines.flatMap(({ key }) => key?.id ?? []))).toEqual(new Set([elsewhere.id]));
});

test('GET /log: it refuses cursors that it has not issued, and those of another history of the database', async () => {
  const { gateway, follower } = await openFollowedGateway();
  const { head } = await readSnapshot(gateway, follower.secret);
  const { secret } = follower;
  expect(await statusOf(gateway, '/log', secret)).toBe(400);
  expect(await statusOf(gateway, '/log?after=', secret)).toBe(400);
  expect(await statusOf(gateway, '/log?after=1', secret)).toBe(400);
  expect(await statusOf(gateway, `/log?after=${head.cursor}&after=${head.cursor}`, secret)).toBe(400);
  expect(await statusOf(gateway, `/log?after=${head.cursor}`, secret, 'HEAD')).toBe(200);
  expect(await statusOf(gateway, `/log?after=${head.cursor}`, secret, 'POST')).toBe(405);
  await gateway.prisma.lineage.create({
    data: { id: 'lineage_restored', beganAt: new Date('2099-01-01') },
  });
  expect(await statusOf(gateway, `/log?after=${head.cursor}`, secret)).toBe(410);
});

test('GET /log: each changed key follows as it is, with and without an event, from either node', async () => {
  const { gateway, admin, follower } = await openFollowedGateway();
  const far = await openGateway({ database: gateway.database, clock: gateway.clock });
  const { head } = await readSnapshot(gateway, follower.secret);
  const log = await openLog(far, follower.secret, head.cursor);
  const { id } = await issue(gateway, admin);
  await log.find(({ key }) => key?.id === id && key.holdSources.length === 0);
  await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'looking' });
  await log.find(({ key }) => key?.id === id && key.holdSources[0] === 'OWNER');
  // As a review does that moves only the suggested renewal.
  const renewalDueAt = new Date(gateway.clock.now().getTime() + DAY_MS);
  await change(gateway.services, async ({ tx, noteQuietly }) => {
    await tx.key.update({ where: { id }, data: { renewalDueAt } });
    noteQuietly(id);
  });
  await far.services.follower.catchUp();
  await log.find(({ key }) => key?.id === id && key.renewalDueAt === renewalDueAt.getTime());
  const realm = 'mutation($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';
  await gateway.ask(realm, { input: { realm: 'default', foldsCase: true } }, admin);
  await log.find((line) => line.realm?.foldsCase === true);
  // Those who come later get the same state, from the first cursor and from a snapshot.
  const again = await openLog(gateway, follower.secret, head.cursor);
  await again.find((line) => line.head !== undefined);
  const fresh = await readSnapshot(far, follower.secret);
  expect(again.lines.find(({ key }) => key?.id === id)).toEqual({ key: fresh.keys.find((key) => key.id === id) });
  expect(JSON.stringify([...log.lines, ...again.lines])).not.toContain('looking');
});

test('GET /log: heads come each second with the time, and say up to when everything is known', async () => {
  const { gateway, admin, follower } = await openFollowedGateway();
  const { head } = await readSnapshot(gateway, follower.secret);
  const log = await openLog(gateway, follower.secret, head.cursor);
  const first = await log.find((line) => line.head !== undefined);
  const startedAt = gateway.clock.now().getTime();
  expect(first.head).toMatchObject({ asOf: startedAt, time: startedAt });
  gateway.clock.advance(1_000);
  const next = await log.find((line) => line.head?.time === startedAt + 1_000);
  expect(next.head!.asOf).toBeGreaterThanOrEqual(startedAt);
  await issue(gateway, admin);
  await log.find((line) => line.key !== undefined);
  const last = await log.find((line) => line.head !== undefined && line.head.cursor !== head.cursor);
  expect(log.lines.findIndex((line) => line.key !== undefined)).toBeLessThan(log.lines.indexOf(last));
});

test('GET /log: it ends when its key is revoked, with the node, and when changes are missing', async () => {
  const { gateway, admin, follower } = await openFollowedGateway();
  const other = await issue(gateway, admin, { scopes: [follow] });
  const { head } = await readSnapshot(gateway, other.secret);
  const [log, rest] = [
    await openLog(gateway, follower.secret, head.cursor),
    await openLog(gateway, other.secret, head.cursor),
  ];
  await mutate(gateway, admin, 'revokeKey', { keyId: follower.id, reason: 'gone' });
  expect((await log.find((line) => line.end !== undefined)).end).toEqual({ reason: 'FORBIDDEN' });
  await log.ended;
  expect(log.lines.some(({ key }) => key?.revokedAt != null)).toBe(false);
  // Quiet changes are deleted after an hour.
  await change(gateway.services, async ({ noteQuietly }) => noteQuietly(other.id));
  await gateway.services.follower.catchUp();
  const { quietHead } = gateway.services.follower;
  expect(quietHead).toBeGreaterThan(0n);
  await rest.find(({ head: sent }) => sent !== undefined && decodeFollowCursor(sent.cursor).quiet >= quietHead);
  await quietChangeRule.remove(gateway.prisma, new Date(gateway.clock.now().getTime() + DAY_MS), 100);
  const late = await openLog(gateway, other.secret, head.cursor);
  expect((await late.find((line) => line.end !== undefined)).end).toEqual({ reason: 'RESET' });
  await gateway.stop();
  expect((await rest.find((line) => line.end !== undefined)).end).toEqual({ reason: 'RESTART' });
});
