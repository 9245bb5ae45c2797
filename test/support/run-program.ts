import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder } from './scratch-folder.ts';

export interface ProgramRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line of a program of src, for a shell or for `spawn`. */
export function programLine(path: string, words: readonly string[]): string[] {
  const program = fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
  return [process.execPath, '--disable-warning=DeprecationWarning', program, ...words];
}

/** Runs a program of src with these settings alone. */
export async function runProgram(
  path: string,
  words: readonly string[],
  settings: Record<string, string>,
  before: readonly string[] = [],
): Promise<ProgramRun> {
  const env = { PATH: process.env['PATH'], HOME: scratchFolder(), ...settings };
  const [file = '', ...args] = [...before, ...programLine(path, words)];
  return await promisify(execFile)(file, args, { env, cwd: scratchFolder() }).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ status: code as number, stdout: String(stdout), stderr: String(stderr) }),
  );
}
