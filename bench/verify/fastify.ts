// Fastify that finds each key by a prepared SELECT, as an API does that stores its own keys. Reports its port to its parent.
import { hash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { Pool } from 'pg';

interface Verify {
  readonly secret: string;
  readonly action: string;
}

const text = `SELECT k.id, k."accountId" AS "ownerId", k.scopes, k."expiresAt", k."revokedAt", k."stopsAt"
              FROM "Secret" s JOIN "Key" k ON k.id = s."keyId" WHERE s.digest = $1`;
const pool = new Pool({ connectionString: process.argv[2], max: 10 });
const app = fastify();
app.post<{ Body: Verify }>('/verify', async ({ body: { secret, action } }) => {
  const values = [hash('sha256', secret, 'buffer')];
  const { rows } = await pool.query({ name: 'find', text, values });
  const [key] = rows as { revokedAt: Date | null; scopes: { action: string }[]; stopsAt: Date | null }[];
  const isValid = key?.revokedAt === null && key.scopes.some((scope) => scope.action === action);
  return { outcome: isValid ? 'VALID' : 'KEY_UNKNOWN', stopsAt: key?.stopsAt ?? null, key: isValid ? key : null };
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as AddressInfo).port);
process.on('disconnect', () => process.exit());
