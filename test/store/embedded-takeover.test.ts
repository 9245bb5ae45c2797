import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { dataFolder, type EmbeddedProcess, readServerId, runEmbedded, silent } from '../support/embedded-process.ts';

/** Writes one row and leaves the connection open. */
async function connectAndWrite({ connectionString }: Pick<EmbeddedProcess, 'connectionString'>) {
  const client = createPgClient(connectionString);
  client.on('error', () => {}); // it is ended under the test's feet
  await client.connect();
  await client.query('CREATE TABLE kept AS SELECT 7 AS value');
  return client;
}

async function readBack(connectionString: string): Promise<unknown> {
  const client = createPgClient(connectionString);
  await client.connect();
  const { rows } = await client.query('SELECT value FROM kept');
  await client.end();
  return rows[0].value;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('takeover: a server left by a gateway that was killed (kill -9) is adopted, and stopped in the end', async () => {
  const folder = dataFolder();
  const killed = await runEmbedded(folder);
  const client = await connectAndWrite(killed);
  const serverId = readServerId(folder);
  await killed.end('SIGKILL');
  const next = await runEmbedded(folder);
  expect(next).toMatchObject({ wasAdopted: true, connectionString: killed.connectionString });
  expect(readServerId(folder)).toBe(serverId);
  expect((await client.query('SELECT value FROM kept')).rows).toEqual([{ value: 7 }]);
  await next.end('SIGTERM');
  expect(isAlive(serverId)).toBe(false);
});

test('takeover: Ctrl-C reaches the gateway and not its server', async () => {
  const folder = dataFolder();
  const gateway = await runEmbedded(folder, { detached: true });
  const serverId = readServerId(folder);
  process.kill(-gateway.child.pid!, 'SIGINT');
  await once(gateway.child, 'exit');
  expect(isAlive(serverId)).toBe(true);
});

test('takeover: when server and gateway were killed, the next start recovers what was committed', async () => {
  const folder = dataFolder();
  const killed = await runEmbedded(folder);
  await connectAndWrite(killed);
  const serverId = readServerId(folder);
  await killed.end('SIGKILL'); // first, because a gateway starts its server again
  process.kill(serverId, 'SIGKILL');
  const next = await startEmbedded({ folder, fsync: false, log: silent });
  expect(next.wasAdopted).toBe(false);
  expect(await readBack(next.connectionString)).toBe(7);
  await next.stop();
});

test('takeover: a stale record is ignored although its process id belongs to another process of that user', async () => {
  const folder = dataFolder();
  await (await startEmbedded({ folder, fsync: false, log: silent })).stop();
  const { uid, gid } = statSync(join(folder, 'postgres'));
  const other = spawn('sleep', ['600'], process.getuid?.() === 0 ? { uid, gid } : {});
  onTestFinished(() => void other.kill());
  const record = [other.pid, '/proc/self/cwd', 1_795_469_321, 5432, '.', '', '  2155373         4', 'ready   ', ''];
  writeFileSync(join(folder, 'postgres', 'postmaster.pid'), record.join('\n'));
  writeFileSync(join(folder, 'postgres', '.s.PGSQL.5432.lock'), record.join('\n'));
  const next = await startEmbedded({ folder, fsync: false, log: silent });
  expect(next.wasAdopted).toBe(false);
  expect(readServerId(folder)).not.toBe(other.pid);
  await next.stop();
  expect(isAlive(other.pid!)).toBe(true);
});

test('takeover: a server that has died does not prevent the gateway from stopping', async () => {
  const folder = dataFolder();
  const { stop } = await startEmbedded({ folder, fsync: false, log: silent });
  process.kill(readServerId(folder), 'SIGKILL');
  await stop();
  await (await startEmbedded({ folder, fsync: false, log: silent })).stop();
});
