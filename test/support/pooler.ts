import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SOCKET_FILE } from '../../src/store/server-socket.ts';
import { findDebianProgram } from './debian-programs.ts';
import { PLAIN_USER } from './embedded-process.ts';

export type PoolMode = 'session' | 'transaction' | 'statement';

/**
 * Starts PgBouncer before a database, with the defaults of its package but for the mode, and returns the connection
 * string that leads through it. It ends with the test.
 */
export async function startPgBouncer(database: string, mode: PoolMode, more: readonly string[] = []): Promise<string> {
  const program = await findDebianProgram('pgbouncer');
  const { searchParams, pathname } = new URL(database);
  const socket = join(searchParams.get('host') ?? '', SOCKET_FILE);
  // PgBouncer does not run as root, and only root and the server's user reach the socket.
  const serverPort = await openProxy(socket);
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'keytide-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${serverPort} user=keytide`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      `pool_mode = ${mode}`,
      ...more,
      '',
    ].join('\n'),
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [folder, file]) chownSync(path, PLAIN_USER.uid, PLAIN_USER.gid);
  const child = spawn(program, [file], {
    ...(isRoot ? PLAIN_USER : {}),
    cwd: '/',
    env: { LD_LIBRARY_PATH: join(dirname(program), '..', 'lib', 'x86_64-linux-gnu') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let written = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written += text));
  while (!written.includes('process up')) {
    const hasEnded = await Promise.race([once(child.stderr, 'data').then(() => false), ended.then(() => true)]);
    if (hasEnded) throw new Error(`PgBouncer ended: ${written}`);
  }
  return `postgresql://keytide@127.0.0.1:${port}${pathname}?sslmode=disable`;
}

/** Leads a port to a socket, as the user who runs the test. */
async function openProxy(socket: string): Promise<number> {
  const server = createServer((near) => {
    const far = connect(socket);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
