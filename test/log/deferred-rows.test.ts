import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import { DeferredRows, type RowWriter } from '../../src/log/deferred-rows.ts';
import { makeBareKeys } from '../support/bare-keys.ts';
import { openCore } from '../support/core.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

const calls: Record<string, (rows: RowWriter) => void> = {
  insert: (rows) => rows.insert('Hold', { id: 'hold_1', keyId: 'key_1' }),
  update: (rows) => rows.update('Hold', { id: 'hold_1', keyId: 'key_1' }),
  upsert: (rows) => rows.upsert('Hold', 'keyId', { id: 'hold_1', keyId: 'key_1' }),
  delete: (rows) => rows.delete('Hold', 'keyId', 'key_0', 'key_1'),
};

test('rows: two calls that name one row throw where one of them would be lost', () => {
  const allowed = [];
  for (const [first, callFirst] of Object.entries(calls)) {
    for (const [second, callSecond] of Object.entries(calls)) {
      const rows = new DeferredRows();
      callFirst(rows);
      try {
        callSecond(rows);
        allowed.push(`${first} ${second}`);
      } catch (error) {
        const message = `Hold: ${second} of a row that one statement already writes by ${first}; call writeRows in between`;
        expect(error).toEqual(new Error(message));
      }
      rows.take();
      callSecond(rows);
    }
  }
  expect(allowed).toEqual([
    // PostgreSQL refuses to insert a row twice.
    'insert insert',
    'update insert',
    'update update',
    'upsert insert',
    'delete insert',
    'delete upsert',
    'delete delete',
  ]);
});

test('rows: an update of a row that is not there fails the change, with events and without, and nothing is written', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  const draft = untypedDraft({ type: 'KEY_UPDATED', at: core.clock.now(), keyId, actor: systemActor, data: {} });
  for (const isRecorded of [true, false]) {
    const changed = change(core, async ({ rows, record }) => {
      rows.update('Key', { id: keyId, name: 'renamed' });
      rows.update('Key', { id: 'key_none', name: 'renamed' });
      rows.insert('Label', { keyId, name: 'env', value: 'live' });
      if (isRecorded) record(draft);
    });
    await expect(changed).rejects.toThrow('a row to be updated does not exist');
  }
  expect(await core.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).toMatchObject({ name: '' });
  expect([await core.prisma.label.count(), await core.prisma.event.count()]).toEqual([0, 0]);
});

test('locks: rows that others refer to are locked FOR NO KEY UPDATE, except before they are deleted', () => {
  const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
  const referenced = new Set(
    [...schema.matchAll(/^ +\w+ +(\w+)\?? +@relation\(.*fields:/gm)].map(([, model]) => model),
  );
  expect(referenced.size).toBeGreaterThan(10);
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = files.flatMap((name) => {
    const statements = readFileSync(new URL(name, src), 'utf8').matchAll(
      /FROM "(\w+)"[^`]*?\bFOR (?:NO KEY )?UPDATE\b/g,
    );
    return [...statements].flatMap(([text, table]) =>
      text.endsWith('FOR UPDATE') && referenced.has(table) ? [`${name}: ${table}`] : [],
    );
  });
  expect(found.toSorted()).toEqual([
    'mail/finish-digest.ts: Digest',
    'mail/subjects/finish-subject-mail.ts: SubjectMail',
  ]);
});
