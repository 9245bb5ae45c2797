import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startEmbedded } from '../../src/store/embedded.ts';

const PROGRAM = fileURLToPath(new URL('hold-embedded.ts', import.meta.url));

/** A logger for what no test looks at. */
export const silent = { info() {}, warn() {} };

/** What data folders of tests begin with, in the system's scratch folder. */
export const DATA_FOLDER = 'keytide-cluster-';

/** A user with no rights that every system has; a test that runs as root becomes it. */
export const PLAIN_USER = { uid: 65534, gid: 65534 };

/** What a process with the embedded PostgreSQL answered when it had started, or been refused. */
export interface EmbeddedProcess {
  readonly child: ChildProcess;
  readonly connectionString: string;
  readonly wasAdopted: boolean;
  readonly startMs: number;
  readonly refusal?: string;
  /** Ends it with that signal and resolves when it has gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts a process with the embedded PostgreSQL on a folder, as another user where the options say so. */
export function spawnEmbedded(folder: string, options: SpawnOptions = {}) {
  const child = spawn(process.execPath, [PROGRAM, folder], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  return child;
}

/** The same, when it has answered. */
export async function runEmbedded(folder: string, options: SpawnOptions = {}): Promise<EmbeddedProcess> {
  const child = spawnEmbedded(folder, options);
  const gone = once(child, 'exit');
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await gone;
  };
  for await (const line of createInterface(child.stdout)) return { child, ...JSON.parse(line), end };
  throw new Error('the process ended without an answer');
}

/** A data folder for the test that runs. When the test has ended, whatever server runs on it is stopped. */
export function dataFolder(user?: typeof PLAIN_USER): string {
  const folder = mkdtempSync(join(tmpdir(), DATA_FOLDER));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  onTestFinished(async () => {
    await stopLeftover(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Stops the server that runs on a data folder that no process looks after. */
export async function stopLeftover(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'postgres', 'postmaster.pid'))) return;
  const { stop } = await startEmbedded({ folder, fsync: false, log: silent });
  await stop();
}

/** The process id in the server's record. */
export function readServerId(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}
