import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSecret } from '../../domain/secret.ts';
import type { Context } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readText } from '../places/replace-file.ts';
import { readPrivateLine } from '../private-file.ts';
import type { Finding } from './finding.ts';

/** Looks whether the secret of each key that is kept (`keytide keep`) can be read, and is one. */
export async function examineSecrets({ folders }: Pick<Context, 'folders'>): Promise<Finding[]> {
  const folder = join(folders.config, 'keys');
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json') && !file.startsWith('.')).sort();
  const findings: Finding[] = [];
  for (const file of names) {
    const of = `secret of ${file.slice(0, -'.json'.length)}`;
    try {
      findings.push({ of, result: 'GOOD', message: await examine(join(folder, file)) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      findings.push({ of, result: 'BAD', message: error.message, status: error.status });
    }
  }
  return findings;
}

async function examine(path: string): Promise<string> {
  const secretFile = secretFileOf((await readText(path)) ?? '');
  if (secretFile === null) throw new CommandError(exitStatus.CONFIG, `${path} does not say where the secret is.`);
  if (parseSecret((await readPrivateLine(secretFile)).reveal()) === null) {
    throw new CommandError(exitStatus.DATA, `${secretFile} holds no secret of a key, or not the whole of one.`);
  }
  return `${secretFile} can be read by you alone.`;
}

function secretFileOf(text: string): string | null {
  try {
    const { secretFile } = JSON.parse(text) as Record<string, unknown>;
    return typeof secretFile === 'string' ? secretFile : null;
  } catch {
    return null;
  }
}
