import { expect, test } from 'vitest';
import { change } from '../../src/log/change.ts';
import { QuietChanges } from '../../src/log/quiet-changes.ts';
import { openCore } from '../support/core.ts';

test('quiet changes: each reaches a node once; a node that missed some is notified of the gap', async () => {
  const core = await openCore();
  const note = (...keyIds: string[]) => change(core, async ({ noteQuietly }) => noteQuietly(...keyIds));
  const changes = new QuietChanges(core);
  const readAll = async () => {
    const told: (readonly string[] | null)[] = [];
    while (await changes.read((keyIds) => told.push(keyIds)));
    return told;
  };
  await note('key_a', 'key_b');
  await note('key_a');
  expect(await readAll()).toEqual([['key_a', 'key_b', 'key_a']]);
  expect(await readAll()).toEqual([]);

  await note('key_c');
  await note('key_d');
  await core.prisma.quietChange.deleteMany();
  expect(await readAll()).toEqual([null]);
  expect(await readAll()).toEqual([]);

  await note('key_e');
  await core.prisma.quietChange.deleteMany();
  await note('key_f');
  expect(await readAll()).toEqual([null]);
  await note('key_g');
  expect(await readAll()).toEqual([['key_g']]);
});
