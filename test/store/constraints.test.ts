import { beforeAll, expect, test } from 'vitest';
import type { Client } from 'pg';
import { createPgClient } from '../../src/store/connection.ts';
import { freshDatabase } from '../support/database.ts';

let client: Client;

beforeAll(async () => {
  client = createPgClient(await freshDatabase());
  await client.connect();
  await insert('Account', { id: 'a', email: 'a@example.com', name: 'A', passwordHash: '' });
  await insert('Organization', { id: 'o', name: 'O' });
  const bounds = { minimumNoticeMs: 1, shortestLifetimeMs: 1, longestLifetimeMs: 1 };
  await insert('Realm', { id: 'r', slug: 'r', name: 'R', ...bounds });
  await insert('Key', { ...key, id: 'k', accountId: 'a' });
  return () => client.end();
});

const at = '2026-11-23T12:00:00Z';
const key = { realmId: 'r', name: 'K', scopes: '[]', grantedAt: at, activeAt: at };

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const full: Record<string, unknown> = table === 'LogHead' ? row : { createdAt: at, ...row };
  const columns = Object.keys(full).map((name) => `"${name}"`);
  const places = columns.map((_, index) => `$${index + 1}`);
  await client.query(`INSERT INTO "${table}" (${columns.join()}) VALUES (${places.join()})`, Object.values(full));
}

/** A secret of the key k. */
function insertSecret(generation: number, retiresAt: string | null): Promise<void> {
  const digest = Buffer.from([generation]);
  return insert('Secret', { id: `s${generation}`, keyId: 'k', generation, digest, start: '', retiresAt });
}

test('database: a key has one owner, an account, an organization or a subject', async () => {
  const both = insert('Key', { ...key, id: 'k1', accountId: 'a', organizationId: 'o' });
  await expect(both).rejects.toThrow(/Key_owner_check/);
  await expect(insert('Key', { ...key, id: 'k2' })).rejects.toThrow(/Key_owner_check/);
  await insert('Key', { ...key, id: 'k3', organizationId: 'o' });
  await insert('Subject', { id: 'u', realmId: 'r', externalId: 'customer' });
  await insert('Key', { ...key, id: 'k4', subjectId: 'u' });
  const three = insert('Key', { ...key, id: 'k5', subjectId: 'u', organizationId: 'o' });
  await expect(three).rejects.toThrow(/Key_owner_check/);
});

test('database: a key has at most one current secret, and any number of retiring secrets', async () => {
  await insertSecret(1, at);
  await insertSecret(2, at);
  await insertSecret(3, null);
  await expect(insertSecret(4, null)).rejects.toThrow(/Secret_keyId_current_key/);
});

test('database: the log has exactly one head from the start', async () => {
  expect((await client.query('SELECT * FROM "LogHead"')).rows).toEqual([
    { id: 1, position: '0', oldest: '1', copiedTo: '1', copiedAt: null, quiet: '0' },
  ]);
  await expect(insert('LogHead', { id: 2, position: 0 })).rejects.toThrow(/LogHead_single_check/);
});

test('database: sessions and invitations expire after they were created', async () => {
  const session = { id: 's', accountId: 'a', expiresAt: at };
  await expect(insert('Session', session)).rejects.toThrow(/Session_expiresAt_check/);
  const invitation = { id: 'i', digest: Buffer.from([0]), email: 'b@example.com', invitedById: 'a', expiresAt: at };
  await expect(insert('Invitation', invitation)).rejects.toThrow(/Invitation_expiresAt_check/);
});
