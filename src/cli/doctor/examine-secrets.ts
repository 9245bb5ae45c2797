import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSecret } from '../../domain/secret.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readTextFile } from '../deployers/files/atomic-file.ts';
import { readPrivateLine } from '../private-file.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/** Checks whether the secret of each registered key (`keytide keep`) is readable and well-formed. */
export async function examineSecrets({ folders }: Pick<CommandContext, 'folders'>): Promise<DoctorFinding[]> {
  const folder = join(folders.config, 'keys');
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json') && !file.startsWith('.')).sort();
  const findings: DoctorFinding[] = [];
  for (const file of names) {
    const subject = `secret of ${file.slice(0, -'.json'.length)}`;
    try {
      findings.push({ subject, result: 'GOOD', message: await examineSecret(join(folder, file)) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      findings.push({ subject, result: 'BAD', message: error.message, status: error.status });
    }
  }
  return findings;
}

async function examineSecret(path: string): Promise<string> {
  const secretFile = parseSecretFile((await readTextFile(path)) ?? '');
  if (secretFile === null) throw new CommandError(exitStatus.CONFIG, `${path} has no secretFile.`);
  if (parseSecret((await readPrivateLine(secretFile)).reveal()) === null) {
    throw new CommandError(exitStatus.DATA, `${secretFile} does not hold the complete secret of a key.`);
  }
  return `Only you can read ${secretFile}.`;
}

function parseSecretFile(text: string): string | null {
  try {
    const { secretFile } = JSON.parse(text) as Record<string, unknown>;
    return typeof secretFile === 'string' ? secretFile : null;
  } catch {
    return null;
  }
}
