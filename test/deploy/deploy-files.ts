import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { namesOf, readSettings } from '../../src/settings/settings.ts';
import { settingTable } from '../../src/settings/table.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));
export const deployFolder = join(checkout, 'deploy');
/** The image of this version. */
export const image = `keytide:${packageJson.version}`;
/** The program of the package. */
export const program = packageJson.bin.keytide.replace('./', '');

export function readDeployFile(path: string): string {
  return readFileSync(join(deployFolder, path), 'utf8');
}

/** Returns the documents of a YAML file. Throws for a syntax error, and for a key that stands twice. */
export function readYaml(path: string): any[] {
  return parseAllDocuments(readDeployFile(path), { uniqueKeys: true, merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS();
  });
}

/** Returns the paths of the files of deploy/ that match. */
export const findDeployFiles = (pattern: string): string[] => globSync(pattern, { cwd: deployFolder }).sort();

/** Names of variables that are not Keytide's. */
const foreignNames = new Set(['NODE_ENV']);

/** Where each form of deployment mounts its secrets, and a value that the setting accepts. */
const secretValues: Readonly<Record<string, string>> = {
  DATABASE_URL_FILE: 'postgresql://keytide:password@database:5432/keytide',
  KEYTIDE_SEALING_KEY_FILE: Buffer.alloc(32, 7).toString('base64'),
  KEYTIDE_ADMIN_PASSWORD_FILE: 'a good long password',
};

/**
 * Checks an environment as the gateway does at start, secrets with values that are accepted. Returns the names that are
 * no settings.
 */
export function checkEnvironment(env: Readonly<Record<string, string>>): string[] {
  const names = new Set<string>(Object.values(settingTable).flatMap(namesOf));
  const read = Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const given = secretValues[name];
      return given === undefined ? [name, value] : [name.replace(/_FILE$/, ''), given];
    }),
  );
  readSettings(read);
  return Object.keys(env).filter((name) => !names.has(name) && !foreignNames.has(name));
}
