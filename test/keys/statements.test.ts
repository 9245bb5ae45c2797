import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { readKeys } from '../../src/keys/lock-key.ts';
import { keyRowInclude } from '../../src/keys/key-row.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { updateKey } from '../../src/keys/update.ts';
import { openKeyWorld, PUSH, success } from '../support/key-world.ts';
import { openIssuerWorld } from '../support/issuer-world.ts';
import { countStatements } from '../support/count-statements.ts';

const page = new URL('../../docs/performance.md', import.meta.url);

test('statements: each write takes as many as docs/performance.md says', async () => {
  const world = await openKeyWorld();
  const { owner } = world;
  const ask = { lifetimeMs: 90 * DAY_MS };
  // The first of each kind fills what the node remembers of the realm.
  const { keyId: first } = await world.issue({ ask });
  success(await renewKey(world, owner, { keyId: first, ask, accept: ['EXTEND'] }));
  const { keyId, secret } = await world.issue({ ask });
  const caller = await world.callerOf(secret);
  const labels = [{ name: 'env', value: 'live' }];
  const expiresAt = new Date(world.clock.now().getTime() + 50 * DAY_MS);
  const steps: Record<string, () => Promise<object>> = {
    issueKey: () => world.issue({ ask, labels }),
    'issueKey by a key, with an idempotency key': () => issueByKey(),
    renewKey: () => renewKey(world, owner, { keyId, ask, accept: ['EXTEND'] }),
    'renewKey by the key': () => renewKey(world, caller, { ask, accept: ['EXTEND'] }),
    rotateKey: () => rotateKey(world, owner, { keyId, gracePeriodMs: HOUR_MS }),
    confirmRotation: () => confirmRotation(world, owner, { keyId }),
    updateKey: () => updateKey(world, owner, { keyId, expiresAt }),
    holdKey: () => holdKey(world, owner, { keyId, reason: 'a break' }),
    resumeKey: () => resumeKey(world, owner, { keyId }),
    undoRotation: () => undoRotation(world, owner, { keyId }),
    revokeKey: () => revokeKey(world, owner, { keyId, reason: 'over' }),
  };
  const issuing = await world.issue({ ask, scopes: [PUSH, { action: 'keytide:issue', resource: '**' }] }, world.admin);
  const parent = await world.callerOf(issuing.secret);
  const issueByKey = () => world.issue({ ask: { lifetimeMs: DAY_MS }, idempotencyKey: 'one' }, parent);
  const counts: Record<string, number> = {};
  for (const [name, run] of Object.entries(steps)) {
    if (name === 'undoRotation') success(await rotateKey(world, owner, { keyId, gracePeriodMs: HOUR_MS }));
    const { result, statements } = await countStatements(run);
    success(result);
    counts[name] = statements.length;
  }
  const tokens = await openIssuerWorld();
  // The node itself, following the log, sends statements too.
  await tokens.gateway.services.follower.stop();
  await tokens.exchange(tokens.token());
  const { result, statements } = await countStatements(() => tokens.exchange(tokens.token()));
  expect(result.status).toBe(200);
  counts['exchangeToken'] = statements.length;
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `(.*?)`(.*?) +\| (\d+) +\|$/gm);
  expect(Object.fromEntries([...rows].map(([, name, more, count]) => [`${name}${more}`, Number(count)]))).toEqual(
    counts,
  );
});

test('statements: a key that is read in one statement is what Prisma reads in seven', async () => {
  const world = await openKeyWorld();
  const labels = [
    { name: 'env', value: 'live' },
    { name: 'a', value: 'b' },
  ];
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS }, labels });
  const { keyId: other } = await world.issue();
  const at = world.clock.now();
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: HOUR_MS }));
  success(await holdKey(world, world.owner, { keyId, reason: 'a break' }));
  const freeze = { realmId: world.realmId, from: at, to: new Date(at.getTime() + DAY_MS), reason: 'a release' };
  await world.prisma.freeze.create({ data: freeze });
  // Every column has a value in one of the keys, so that each one's type is compared.
  const more = { renewedAt: at, lastUsedAt: at, movedOutAt: at, movedOutMs: 5n, expiredAt: at, revokedAt: at };
  await world.prisma.key.update({ where: { id: keyId }, data: more });
  await world.prisma.secret.updateMany({
    where: { keyId },
    data: { firstUsedAt: at, lastUsedAt: at, rotatedAtOnceBy: 'account_1' },
  });
  const include = {
    ...keyRowInclude,
    realm: { include: { freezes: { orderBy: { from: 'asc' } } } },
    holds: { orderBy: { since: 'asc' } },
    secrets: { orderBy: { generation: 'asc' } },
    labels: { orderBy: { name: 'asc' } },
  } as const;
  const ids = [keyId, other].toSorted();
  const expected = await world.prisma.key.findMany({ where: { id: { in: ids } }, include, orderBy: { id: 'asc' } });
  const { result, statements } = await countStatements(() => readKeys(world.prisma, ids));
  expect(result).toStrictEqual(expected);
  expect(statements).toHaveLength(1);
});
