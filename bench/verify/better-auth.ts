// A bare node:http in front of better-auth's API keys on the same PostgreSQL, with a schema of their own. Reports its port and the
// secrets of its keys to its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { Pool } from 'pg';

/** As many as a round has time to use: creating one takes it milliseconds. */
const COUNT = 1_000;

const [connectionString = ''] = process.argv.slice(2);
const setUp = new Pool({ connectionString, max: 1 });
await setUp.query('CREATE SCHEMA better_auth');
await setUp.end();
const pool = new Pool({ connectionString, max: 10, options: '-c search_path=better_auth' });
const auth = betterAuth({
  baseURL: 'http://127.0.0.1',
  secret: 'a secret that is long enough for the bench',
  database: pool,
  logger: { disabled: true },
  telemetry: { enabled: false },
  // A limit on the rate of each key would refuse most of what the bench asks.
  plugins: [apiKey({ rateLimit: { enabled: false } })],
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const { rows } = await pool.query<{ id: string }>(
  `INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('bench', 'bench', 'bench@example.com', true) RETURNING id`,
);
const secrets: string[] = [];
while (secrets.length < COUNT) {
  const permissions = { package: ['push'] };
  const { key } = await auth.api.createApiKey({ body: { userId: rows[0]?.id, name: 'bench', permissions } });
  secrets.push(key);
}

const server = createServer(async (request, response) => {
  const body = JSON.parse(await text(request)) as { key: string; permissions: Record<string, string[]> };
  const { valid, key } = await auth.api.verifyApiKey({ body });
  const answer = JSON.stringify({ outcome: valid ? 'VALID' : 'KEY_UNKNOWN', key });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) });
  response.end(answer);
});
server.listen(0, '127.0.0.1', () => process.send?.([(server.address() as AddressInfo).port, secrets]));
process.on('disconnect', () => process.exit());
