import { expect, test } from 'vitest';
import { anonymous, type Caller } from '../../src/domain/caller.ts';
import { may } from '../../src/domain/permission.ts';
import { keyTargetOf } from '../../src/keys/key-row.ts';
import { visibleKeys } from '../../src/keys/visible-keys.ts';
import { openKeyWorld, PUSH } from '../support/key-world.ts';

test('visible keys: a list contains exactly the keys that the caller may read', async () => {
  const world = await openKeyWorld();
  const { id: acme, boss, member } = await world.organization({ boss: 'OWNER', member: 'MEMBER' });
  const READ = { action: 'keytide:read', resource: '**' };
  const issued = [
    await world.issue(),
    await world.issue({ scopes: [READ] }),
    await world.issue({}, world.stranger),
    await world.issue({ owner: acme }, member),
    await world.issue({ owner: acme, scopes: [READ, PUSH] }, boss),
  ];
  const callers: Caller[] = [anonymous, world.admin, world.owner, world.stranger, boss, member];
  for (const { secret } of issued) callers.push(await world.callerOf(secret));
  const all = await world.prisma.key.findMany({ orderBy: { id: 'asc' } });
  const counts = [];
  for (const caller of callers) {
    const listed = await world.prisma.key.findMany({ where: visibleKeys(caller), orderBy: { id: 'asc' } });
    const readable = all.filter((key) => may(caller, 'key.read', keyTargetOf(key)));
    expect(listed.map(({ id }) => id)).toEqual(readable.map(({ id }) => id));
    counts.push(listed.length);
  }
  expect(counts).toEqual([0, 5, 2, 1, 2, 2, 1, 2, 1, 1, 2]);
});
