import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DAY_MS, parseDuration, SECOND_MS } from '../../domain/duration.ts';
import { containsSecret } from '../../domain/secret.ts';
import { deploymentSchema } from '../deployers/deployer-table.ts';
import { serviceUrl } from '../service-url.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { isLocalName, LOCAL_NAME_RULE } from '../local-name.ts';
import { plainLine } from '../output.ts';
import { readConfigurationFile } from '../private-file.ts';
import { removeFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';

/**
 * Whether a text is a duration from 1 s to 1 day. Node's timers support such durations. A hook that takes longer would
 * delay the renewals of other keys.
 */
function isHookLimit(text: string): boolean {
  const parsed = parseDuration(text);
  return 'ms' in parsed && parsed.ms >= SECOND_MS && parsed.ms <= DAY_MS;
}

const durationText = z.string().refine((text) => 'ms' in parseDuration(text), 'a duration such as P1D or PT10M');

/** The user's settings of a registered key, as stored in its file. Holds no secret. */
const configurationSchema = z.strictObject({
  /** Base URL of the gateway. */
  url: serviceUrl,
  /** The key's id, which guards against using the secret of another key. */
  keyId: z.string().startsWith('key_'),
  /** The file that holds the secret and nothing else. */
  secretFile: z.string().startsWith('/', 'an absolute path'),
  /** How long the old secret stays valid after a rotation; default: a day. */
  gracePeriod: durationText.optional(),
  /** The evidence that is required before the old secret is retired early. */
  proof: z.enum(['accepted', 'used', 'moved']).default('moved'),
  /** The other places of the secret. */
  deploy: z.array(deploymentSchema).default([]),
  /** Command lines for /bin/sh. */
  hooks: z
    .strictObject({ before: z.string().min(1), prove: z.string().min(1), after: z.string().min(1) })
    .partial()
    .default({}),
  /** The folder in which hooks and deploy commands run; default: that of the run. */
  hookFolder: z.string().startsWith('/', 'an absolute path').optional(),
  /** Time limit for each hook and each deploy command. */
  hookLimit: durationText.refine(isHookLimit, 'a duration from PT1S to P1D').default('PT10M'),
});

export type RegisteredKeyConfiguration = z.output<typeof configurationSchema>;

/** A key that is registered on this machine, under the user's name for it. */
export interface RegisteredKey extends RegisteredKeyConfiguration {
  readonly name: string;
}

/** Returns the sorted names of all registered keys. @throws CommandError NO_PERMISSION if the folder cannot be read. */
export async function listRegisteredKeyNames(folders: Folders): Promise<string[]> {
  const files = await readdir(registeredKeyFolder(folders)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new CommandError(exitStatus.NO_PERMISSION, `Cannot read the folder ${registeredKeyFolder(folders)}.`, error);
  });
  return files
    .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * Reads a registered key. @throws CommandError NO_INPUT if there is none of that name, CONFIG if its file is invalid,
 * else as `readPrivateFile`.
 */
export async function readRegisteredKey(folders: Folders, name: string): Promise<RegisteredKey> {
  const path = registeredKeyFile(folders, name);
  const text = await readConfigurationFile(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CommandError(exitStatus.CONFIG, `${path} is not valid JSON.`, error);
  }
  return { ...checkConfiguration(json, path), name };
}

/**
 * Validates a configuration from a file or from options. @throws CommandError CONFIG that lists the problems; `source`
 * names where the configuration comes from.
 */
export function checkConfiguration(json: unknown, source: string): RegisteredKeyConfiguration {
  const checked = configurationSchema.safeParse(json);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  throw new CommandError(exitStatus.CONFIG, plainLine(`${source}: ${problems.join('; ')}.`));
}

/** Writes the configuration of a registered key as indented JSON. */
export async function writeRegisteredKey(folders: Folders, { name, ...configuration }: RegisteredKey): Promise<void> {
  await makeFolder(registeredKeyFolder(folders));
  await writeFileAtomically(registeredKeyFile(folders, name), `${JSON.stringify(configuration, null, 2)}\n`);
}

/** Removes the configuration of a registered key. */
export async function removeRegisteredKey(folders: Folders, name: string): Promise<void> {
  await removeFile(registeredKeyFile(folders, name));
}

/** Returns the path of a registered key's configuration. @throws CommandError USAGE if the name is invalid. */
export function registeredKeyFile(folders: Folders, name: string): string {
  if (containsSecret(name)) {
    throw new CommandError(
      exitStatus.USAGE,
      'Found a secret; expected a name. Secrets are never arguments: replace this secret, because others may have seen it.',
    );
  }
  if (isLocalName(name)) return join(registeredKeyFolder(folders), `${name}.json`);
  throw new CommandError(
    exitStatus.USAGE,
    `Name of the key: found ${JSON.stringify(name)}; expected ${LOCAL_NAME_RULE}.`,
  );
}

function registeredKeyFolder({ config }: Folders): string {
  return join(config, 'keys');
}
