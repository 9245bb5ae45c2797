import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CommandRun } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const tarball = fileURLToPath(new URL('release-before.tgz', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/keytide-releases', import.meta.url));

/**
 * Unpacks the package of the release before, once for all runs, below this checkout's node_modules, where it finds its
 * dependencies: those that only it has are development dependencies of this one (@pothos/plugin-scope-auth). Returns the
 * path of its command.
 */
export async function unpackReleaseBefore(): Promise<string> {
  const folder = join(cache, hash('sha256', readFileSync(tarball)).slice(0, 16));
  if (!existsSync(folder)) {
    const unpacked = scratchFolder();
    mkdirSync(dirname(folder), { recursive: true });
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial);
    await promisify(execFile)('tar', ['-xzf', tarball, '-C', partial], { cwd: unpacked });
    renameSync(partial, folder);
  }
  return join(folder, 'package', 'dist', 'src', 'cli', 'main.js');
}

/** Runs the command of the release before. */
export async function runReleaseBefore(
  command: string,
  words: readonly string[],
  { home, input = '' }: { readonly home: string; readonly input?: string },
): Promise<CommandRun> {
  const running = promisify(execFile)(process.execPath, [command, ...words], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home },
  });
  running.child.stdin?.end(input);
  const { status, stdout, stderr } = await running.then(
    (written) => ({ status: 0, ...written }),
    (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
  );
  return {
    status,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout);
    },
  };
}
