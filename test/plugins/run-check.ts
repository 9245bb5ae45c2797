import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { policyChecks, type PolicyCheck } from '../../src/policies/check/policy-checks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the command said of a module, and how it ended. */
interface CheckRun {
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
  readonly failed: readonly PolicyCheck[];
}

/** Runs what `npm run policy:check` runs, as a process of its own. */
export async function runCheck(...args: string[]): Promise<CheckRun> {
  const child = spawn(process.execPath, ['src/cli/main.ts', 'check-policy', ...args], { cwd: root });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [output, complaint, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const failed = Object.entries(policyChecks).filter(([, title]) => output.includes(`FAILS  ${title}\n`));
  return { status, output, complaint, failed: failed.map(([check]) => check as PolicyCheck) };
}
