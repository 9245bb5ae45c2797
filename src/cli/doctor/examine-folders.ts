import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { exitStatus } from '../exit-status.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/** What others than the owner must not have: any right to secrets, the right to write what says which commands are run. */
const forbiddenModes = { state: 0o077, config: 0o022, cache: 0o022 } as const;

/** Looks at the folders and at every file in them: whose they are, and who else gets at them. */
export async function examineFolders({ folders }: Pick<CommandContext, 'folders'>): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const kind of ['config', 'state', 'cache'] as const) {
    const of = `${kind} folder`;
    const path = folders[kind];
    const paths = await listPaths(path);
    if (paths === null) {
      findings.push({ subject: of, result: 'GOOD', message: `${path} is not there yet.` });
      continue;
    }
    const problems: string[] = [];
    for (const one of paths) {
      const problem = await findProblem(one, forbiddenModes[kind]);
      if (problem !== null) problems.push(problem);
    }
    const [first] = problems;
    const more = problems.length > 1 ? ` So it is with ${String(problems.length - 1)} more.` : '';
    findings.push(
      first === undefined
        ? { subject: of, result: 'GOOD', message: `${path} is yours alone.` }
        : { subject: of, result: 'BAD', message: `${first}${more}`, status: exitStatus.NO_PERMISSION },
    );
  }
  return findings;
}

async function listPaths(folder: string): Promise<string[] | null> {
  try {
    const names = await readdir(folder, { recursive: true });
    return [folder, ...names.map((name) => join(folder, name))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return [folder];
  }
}

async function findProblem(path: string, forbidden: number): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const own = process.getuid?.();
  if (own === undefined) return null;
  if (found.uid !== own && found.uid !== 0) return `${path} is another user's.`;
  if ((found.mode & forbidden) === 0) return null;
  return `${path} is open to others (mode ${(found.mode & 0o777).toString(8)}): run chmod go-rwx on it.`;
}
