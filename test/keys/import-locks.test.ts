import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { isFailure } from '../../src/domain/failure.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { adoptKey } from '../../src/keys/import/adopt-key.ts';
import { importKeys, type ImportKeysInput } from '../../src/keys/import/import-keys.ts';
import type { ImportedKeyInput } from '../../src/keys/import/import-row.ts';
import type { PolicyCore } from '../../src/keys/apply-policies.ts';
import type { Change } from '../../src/log/change.ts';
import { changeAfterRehearsal } from '../../src/log/rehearse.ts';
import { rehearsePolicies } from '../../src/policies/rehearse-policies.ts';
import { makeRealm, openKeyWorld, PUSH, success, type KeyWorld } from '../support/key-world.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';

const bcrypt = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const foreign = { foreignPattern: '[0-9a-f]{40}', foreignRandomBits: 160 };

function importOf(realm: string, owner: string, ...rows: Partial<ImportedKeyInput>[]): ImportKeysInput {
  const keys = rows.map((row) => ({
    digest: bcrypt,
    start: null,
    name: 'imported',
    scopes: [PUSH],
    owner,
    subject: null,
    state: 'ACTIVE' as const,
    stateReason: null,
    randomBits: null,
    labels: [],
    createdAt: null,
    lastUsedAt: null,
    notBefore: null,
    expiresAt: null,
    allowedAddresses: [],
    source: null,
    externalKeyId: null,
    ...row,
  }));
  return { realm, keys, ramp: null, dryRun: false };
}

async function openTwoRealms(): Promise<KeyWorld> {
  const world = await openKeyWorld();
  await makeRealm(world, 'other');
  await world.prisma.realm.updateMany({ data: foreign });
  return world;
}

/** Imports keys, up to the commit. Returns a function that commits. */
async function holdImport(world: KeyWorld, input: ImportKeysInput): Promise<() => Promise<void>> {
  const written = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const run = async (change: Change<PolicyCore>) => success(await importKeys.inChange(change, world.admin, input));
  const importing = changeAfterRehearsal(rehearsePolicies(world), run, async (change) => {
    expect((await run(change)).refused).toEqual([]);
    written.resolve();
    await gate.promise;
  });
  await Promise.race([written.promise, importing]);
  return async () => {
    gate.resolve();
    await importing;
  };
}

const adopt = (world: KeyWorld, realm: string, externalKeyId: string, secret: string) =>
  adoptKey(world, world.admin, { realm, secret: new Sensitive(secret), source: null, externalKeyId });

test('imports: an import that is not committed delays adoptions in its own realm, and none in another', async () => {
  const world = await openTwoRealms();
  const { admin, owner } = world;
  for (const realm of ['default', 'other']) {
    success(await importKeys(world, admin, importOf(realm, owner.id, { externalKeyId: 'k1' })));
  }
  const secret = 'ab'.repeat(20);
  const digest = hash('sha256', secret, 'hex');
  const commit = await holdImport(world, importOf('default', owner.id, { digest }));
  // The same secret in another realm is another one.
  success(await adopt(world, 'other', 'k1', secret));
  success(await importKeys(world, admin, importOf('other', owner.id, { digest: hash('sha256', 'more', 'hex') })));
  const adopted = adopt(world, 'default', 'k1', secret);
  await waitUntilBlocked(world.prisma);
  await commit();
  // Its own realm has the secret by now.
  expect(await adopted).toMatchObject({ failure: 'SecretNotAccepted' });
});

test('imports: two realms that import one digest in our own form at once wait for each other, and one is refused', async () => {
  const world = await openTwoRealms();
  const { admin, owner } = world;
  const own = { digest: hash('sha256', 'made elsewhere', 'hex'), start: 'kt_abcdef' };
  const commit = await holdImport(world, importOf('default', owner.id, own));
  const other = importKeys(world, admin, importOf('other', owner.id, own));
  await waitUntilBlocked(world.prisma);
  await commit();
  const answer = await other;
  expect(isFailure(answer) ? answer : answer.refused).toMatchObject([{ index: 0, code: 'BAD_USER_INPUT' }]);
});

test.each(['an import', 'an adoption'])(
  'imports: %s waits for an import by a node of the release before, which has one lock for all realms',
  async (kind) => {
    const world = await openTwoRealms();
    const { admin, owner, prisma } = world;
    success(await importKeys(world, admin, importOf('default', owner.id, { externalKeyId: 'k1' })));
    const locked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const before = prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('key imports', 0))::text`;
      locked.resolve();
      await gate.promise;
    });
    await locked.promise;
    let isDone = false;
    const row = { digest: hash('sha256', 'ef'.repeat(20), 'hex') };
    const run =
      kind === 'an import'
        ? importKeys(world, admin, importOf('default', owner.id, row))
        : adopt(world, 'default', 'k1', 'ab'.repeat(20));
    const done = Promise.resolve<unknown>(run).finally(() => (isDone = true));
    await Promise.race([waitUntilBlocked(prisma), done]);
    expect(isDone).toBe(false);
    gate.resolve();
    await before;
    success((await done) as object);
  },
);
