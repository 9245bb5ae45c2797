import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SOCKET_FILE } from '../../src/store/server-socket.ts';

/** A way to a database that can be cut: the server lives on, and a node can't reach it. */
export interface DatabaseLine {
  /** The connection string that goes through it. */
  readonly database: string;
  /** Cuts all connections and lets none through. */
  cut(): void;
  mend(): void;
  /** Lets everything vanish on the way, without a word: connections stay open, and nothing comes through. */
  swallow(): void;
}

/** Lays a line to a database of the run's cluster; it goes with the test. */
export async function openLine(database: string): Promise<DatabaseLine> {
  const folder = mkdtempSync(join(tmpdir(), 'keytide-line-'));
  const url = new URL(database);
  const target = join(url.searchParams.get('host') ?? '', SOCKET_FILE);
  url.searchParams.set('host', folder);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(target);
    if (isCut) near.destroy();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(join(folder, SOCKET_FILE), resolve));
  const hangUp = () => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    hangUp();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    database: url.href,
    cut() {
      isCut = true;
      hangUp();
    },
    mend() {
      isCut = false;
    },
    swallow() {
      for (const socket of open) socket.unpipe().pause();
    },
  };
}
