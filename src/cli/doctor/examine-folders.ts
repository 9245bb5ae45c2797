import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { exitStatus } from '../exit-status.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/**
 * Permission bits that other users must not have: any access to secrets, write access to the files that define which
 * commands run.
 */
const forbiddenModes = { state: 0o077, config: 0o022, cache: 0o022 } as const;

/** Checks the owner and the permissions of the folders and of every file in them. */
export async function examineFolders({ folders }: Pick<CommandContext, 'folders'>): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const kind of ['config', 'state', 'cache'] as const) {
    const subject = `${kind} folder`;
    const path = folders[kind];
    const paths = await listPaths(path);
    if (paths === null) {
      findings.push({ subject, result: 'GOOD', message: `${path} does not exist yet.` });
      continue;
    }
    const problems: string[] = [];
    for (const file of paths) {
      const problem = await findProblem(file, forbiddenModes[kind]);
      if (problem !== null) problems.push(problem);
    }
    const [first] = problems;
    const moreText = problems.length > 1 ? ` ${String(problems.length - 1)} more files have a problem.` : '';
    findings.push(
      first === undefined
        ? { subject, result: 'GOOD', message: `${path} has safe permissions.` }
        : { subject, result: 'BAD', message: `${first}${moreText}`, status: exitStatus.NO_PERMISSION },
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
  const stats = await stat(path).catch(() => null);
  if (stats === null) return null;
  const ownUid = process.getuid?.();
  if (ownUid === undefined) return null;
  if (stats.uid !== ownUid && stats.uid !== 0) return `${path} belongs to another user.`;
  if ((stats.mode & forbidden) === 0) return null;
  return `${path} has unsafe permissions (mode ${(stats.mode & 0o777).toString(8)}): run chmod go-rwx on it.`;
}
