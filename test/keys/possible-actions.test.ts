import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { anonymous, type Caller, type KeyCaller, type PortalCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { newId } from '../../src/domain/id.ts';
import { keyActions, type KeyAction } from '../../src/domain/key-action.ts';
import { addMs } from '../../src/domain/key.ts';
import { portalActions, type PortalAction } from '../../src/domain/portal.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { listPossibleActions } from '../../src/keys/possible-actions.ts';
import { scopesOf } from '../../src/keys/key-row.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { updateKey } from '../../src/keys/update.ts';
import { disableSubject } from '../../src/subjects/disable.ts';
import { openKeyWorld, PUSH, success, textOf, type KeyWorld } from '../support/key-world.ts';

/** What of an input a mutation refuses, whatever the key and its state. */
const inputFailures = new Set(['OwnerNotFound', 'OwnerNotActive', 'ScopeNotAllowed']);

/** Every action, and the event by which a change is known. */
const attempts: Readonly<
  Record<KeyAction, readonly [event: string, run: (world: KeyWorld, caller: Caller, keyId: string) => Promise<object>]>
> = {
  RENEW: ['KEY_RENEWED', (world, caller, keyId) => renewKey(world, caller, { keyId, ask: null, accept: ['EXTEND'] })],
  ROTATE: ['KEY_ROTATION_STARTED', (world, caller, keyId) => rotateKey(world, caller, { keyId, gracePeriodMs: 0 })],
  CONFIRM_ROTATION: ['KEY_ROTATION_COMPLETED', (world, caller, keyId) => confirmRotation(world, caller, { keyId })],
  UNDO_ROTATION: ['KEY_ROTATION_UNDONE', (world, caller, keyId) => undoRotation(world, caller, { keyId })],
  UPDATE: ['KEY_UPDATED', (world, caller, keyId) => updateKey(world, caller, { keyId, name: 'renamed' })],
  TRANSFER: ['KEY_TRANSFERRED', (world, caller, keyId) => transferKey(world, caller, { keyId, owner: world.heir.id })],
  HOLD: ['KEY_HELD', (world, caller, keyId) => holdKey(world, caller, { keyId, reason: 'a try' })],
  RESUME: ['KEY_RESUMED', (world, caller, keyId) => resumeKey(world, caller, { keyId })],
  REVOKE: ['KEY_REVOKED', (world, caller, keyId) => revokeKey(world, caller, { keyId, reason: 'a try' })],
};

test(
  'possible actions: for every caller and every state of a key, exactly what the mutations do',
  { timeout: 300_000 },
  async () => {
    const world = await openKeyWorld();
    const { keys, callers } = await openCrowd(world);
    const wrong: string[] = [];
    const seen = new Map<KeyAction, Set<boolean>>(keyActions.map((action) => [action, new Set()]));
    for (const [state, keyId] of Object.entries(keys)) {
      const before = await takeSnapshot(world, keyId);
      for (const [name, caller] of Object.entries({ ...callers, ...(await ownCallers(world, keyId)) })) {
        const listed = new Set(await listFor(world, caller, keyId));
        for (const action of keyActions) {
          const isDone = await attempt(world, action, caller, keyId);
          if (isDone.isChange) await before.restore();
          seen.get(action)?.add(isDone.isPossible);
          if (isDone.isPossible !== listed.has(action)) wrong.push(`${state}, ${name}, ${action}: ${isDone.why}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect([...seen].filter(([, values]) => values.size < 2)).toEqual([]);
  },
);

test('possible actions: a secret that has retired can do nothing', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const caller = await world.callerOf(secret);
  expect(await listFor(world, caller, keyId)).toEqual(['RENEW', 'ROTATE', 'REVOKE']);
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect(await listFor(world, caller, keyId)).toEqual([]);
});

/** Tries an action. It is possible if it changes the key, or only its input is refused. */
async function attempt(world: KeyWorld, action: KeyAction, caller: Caller, keyId: string) {
  const [type, run] = attempts[action];
  const count = () => world.prisma.event.count({ where: { keyId, type } });
  const before = await count();
  try {
    const result = await run(world, caller, keyId);
    if (isFailure(result)) {
      return { isPossible: inputFailures.has(result.failure), isChange: false, why: result.failure };
    }
    const isChange = (await count()) > before;
    return { isPossible: isChange, isChange, why: isChange ? 'a change' : 'nothing changed' };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { isPossible: false, isChange: false, why: error.code };
  }
}

async function listFor(world: KeyWorld, caller: Caller, keyId: string): Promise<readonly KeyAction[]> {
  const key = await world.key(keyId);
  const parent = key.parentId === null ? null : await world.key(key.parentId);
  return listPossibleActions(caller, { ...key, parent, now: world.clock.now() });
}

/** Stores the rows of a key, to undo what an attempt has changed. */
async function takeSnapshot({ prisma, key }: KeyWorld, keyId: string) {
  const { holds, secrets, realm: _realm, judgement: _judgement, labels: _labels, ...row } = await key(keyId);
  const { metadata: _metadata, warnings: _warnings, brownouts: _brownouts, ...columns } = row;
  const uses = await prisma.use.findMany({ where: { secret: { keyId } } });
  return {
    async restore() {
      await prisma.$transaction([
        prisma.hold.deleteMany({ where: { keyId } }),
        prisma.use.deleteMany({ where: { secret: { keyId } } }),
        prisma.secret.deleteMany({ where: { keyId } }),
        prisma.key.update({ where: { id: keyId }, data: { ...columns, scopes: [...scopesOf(row)] as object[] } }),
        prisma.secret.createMany({ data: secrets }),
        prisma.use.createMany({ data: uses }),
        prisma.hold.createMany({ data: holds }),
      ]);
    },
  };
}

/** The key itself, by each of its secrets, and by its current secret as a foreign one. */
async function ownCallers({ key }: KeyWorld, keyId: string): Promise<Record<string, KeyCaller>> {
  const { id, name, realmId, accountId, organizationId, subjectId, secrets, ...row } = await key(keyId);
  const callers: Record<string, KeyCaller> = {};
  for (const { id: secretId, generation, retiresAt } of secrets) {
    const isCurrent = retiresAt === null;
    const ownerId = accountId ?? organizationId ?? subjectId ?? '';
    const scopes = scopesOf(row);
    const caller = {
      kind: 'KEY' as const,
      id,
      name,
      realmId,
      ownerId,
      scopes,
      secretId,
      generation,
      isCurrent,
      isUnused: false,
    };
    callers[`itself by secret ${generation}`] = caller;
    if (isCurrent) callers['itself by a foreign secret'] = { ...caller, isForeign: true };
  }
  return callers;
}

type AccountOrKey = Parameters<KeyWorld['issue']>[1];

/** Keys in every state, and people, keys and portal sessions in every relation to them. */
async function openCrowd(world: KeyWorld) {
  const { prisma, clock, random, admin, owner, realmId } = world;
  const {
    id: acme,
    boss,
    aide,
    member,
    other,
  } = await world.organization({
    boss: 'OWNER',
    aide: 'ADMIN',
    member: 'MEMBER',
    other: 'MEMBER',
  });
  await prisma.realm.update({
    where: { id: realmId },
    data: { subjectCeilings: [{ label: null, scopes: [PUSH] }] as object[] },
  });
  const scope = (action: string) => ({ action, resource: '**' });
  const issuing = [PUSH, scope('keytide:issue')];
  const keys: Record<string, string> = {};
  const add = async (name: string, input: Parameters<KeyWorld['issue']>[0] = {}, caller: AccountOrKey = owner) => {
    const issued = await world.issue(input, caller);
    keys[name] = issued.keyId;
    return issued;
  };
  const hold = async (keyId: string, caller: Caller) =>
    success(await holdKey(world, caller, { keyId, reason: 'a hold' }));
  const rotate = async (keyId: string, caller: Caller = owner) =>
    textOf(success(await rotateKey(world, caller, { keyId, gracePeriodMs: 10 * DAY_MS })).delivery);
  const customer = (externalId: string) => ({ subject: { externalId } });

  await add('dormant, held by policy');
  await add('dormant, held by its owner too');
  await hold(keys['dormant, held by its owner too'] ?? '', owner);
  await world.travel(396 * DAY_MS);
  const manager = await world.issue({ owner: acme, scopes: [scope('keytide:manage')] }, admin);
  const managing = await world.callerOf(manager.secret);

  await add('expired long ago', { ask: { lifetimeMs: DAY_MS } });
  await add('expired long ago, of Acme', { ask: { lifetimeMs: DAY_MS }, owner: acme }, member);
  await world.travel(40 * DAY_MS);
  await add('expired', { ask: { lifetimeMs: DAY_MS } });
  await add('expired, of Acme', { ask: { lifetimeMs: DAY_MS }, owner: acme }, member);
  await add('expired, of a customer', { ask: { lifetimeMs: DAY_MS }, ...customer('expired') }, managing);
  await world.travel(2 * DAY_MS);

  await add('active');
  await add('active, of Acme', { owner: acme }, member);
  await add('active, of a customer', customer('one'), managing);
  const [gone, living] = [await world.issue({ scopes: issuing }), await world.issue({ scopes: issuing })];
  const child = { scopes: [{ ...PUSH, resource: 'Acme.Core' }] };
  await add('issued by a key', child, await world.callerOf(living.secret));
  await add('issued by a key that was revoked', child, await world.callerOf(gone.secret));
  success(await revokeKey(world, owner, { keyId: gone.keyId, reason: 'gone' }));
  await hold((await add('held by its owner')).keyId, owner);
  await hold((await add('held by an administrator')).keyId, admin);
  await hold((await add('held by both')).keyId, admin);
  await hold(keys['held by both'] ?? '', owner);
  await hold((await add('held, of Acme', { owner: acme }, member)).keyId, member);
  await hold((await add('held by the API', customer('one'), managing)).keyId, managing);
  await add('held with its customer', customer('disabled'), managing);
  success(
    await disableSubject(world, admin, {
      realm: 'default',
      externalId: 'disabled',
      isDisabled: true,
      reason: 'unpaid',
    }),
  );
  const revoked = await add('revoked');
  success(await revokeKey(world, owner, { keyId: revoked.keyId, reason: 'gone' }));
  await rotate((await add('rotating')).keyId);
  await rotate((await add('rotating, of a customer', customer('one'), managing)).keyId, admin);
  const used = await add('rotating, the new secret used');
  await world.verify(await rotate(used.keyId), 'ci');
  await rotate((await add('rotating and held')).keyId);
  await hold(keys['rotating and held'] ?? '', owner);
  await add(
    'of a customer, with a reserved scope',
    { ...customer('one'), scopes: [PUSH, scope('keytide:read')] },
    admin,
  );
  await add('exchanged', { ask: { lifetimeMs: 10 * DAY_MS } });
  await exchange(world, keys['exchanged'] ?? '');
  // The last of all: the new secret settles for seconds.
  const settling = await add('just rotated');
  success(await rotateKey(world, await world.callerOf(settling.secret), { gracePeriodMs: 0 }));

  const reading = await world.issue({ scopes: [PUSH, scope('keytide:read'), scope('keytide:issue')] });
  const portal = async (externalId: string, may: readonly PortalAction[]): Promise<PortalCaller> => {
    const { id: subjectId } = await prisma.subject.findFirstOrThrow({ where: { externalId } });
    const now = clock.now();
    const id = newId('portal', now, random);
    await prisma.portalSession.create({
      data: {
        id,
        realmId,
        subjectId,
        accountId: admin.id,
        tokenDigest: randomBytes(32),
        may: [...may],
        createdAt: now,
        expiresAt: addMs(now, HOUR_MS),
      },
    });
    return { kind: 'PORTAL', id, realmId, subjectId, createdById: admin.id, may };
  };
  const callers: Record<string, Caller> = {
    nobody: anonymous,
    admin,
    owner,
    stranger: world.stranger,
    boss,
    aide,
    member,
    other,
    'a reading key': await world.callerOf(reading.secret),
    'a managing key': managing,
    'a page that may do all': await portal('one', portalActions),
    'a page that may list': await portal('one', ['LIST']),
    'a page that may rotate': await portal('one', ['ROTATE']),
    'a page that may renew': await portal('one', ['RENEW']),
    'a page of another customer': await portal('expired', portalActions),
  };
  return { keys, callers };
}

/** Makes a key one that was issued in exchange for a token. */
async function exchange({ prisma, clock, random, realmId, owner }: KeyWorld, keyId: string): Promise<void> {
  const now = clock.now();
  const issuerId = newId('issuer', now, random);
  const tokenRuleId = newId('rule', now, random);
  const dates = { createdAt: now, changedAt: now };
  const issuer = { id: issuerId, realmId, name: 'CI', url: 'https://ci.example.com', audience: 'keytide', ...dates };
  await prisma.trustedIssuer.create({ data: issuer });
  const lists = { conditions: [], scopes: [], labels: [], claimLabels: [] };
  const rule = { id: tokenRuleId, issuerId, name: 'jobs', accountId: owner.id, ...lists, ...dates };
  await prisma.tokenRule.create({ data: rule });
  await prisma.key.update({ where: { id: keyId }, data: { tokenRuleId } });
}
