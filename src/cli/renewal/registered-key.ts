import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DAY_MS, parseDuration, SECOND_MS } from '../../domain/duration.ts';
import { SECRET_PATTERN } from '../../domain/secret.ts';
import { deploymentSchema } from '../deployers/deployer-table.ts';
import { serviceUrl } from '../service-url.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { isLocalName, LOCAL_NAME_RULE } from '../local-name.ts';
import { plainLine } from '../output.ts';
import { readConfigurationFile } from '../private-file.ts';
import { removeFile, writeFileAtomically } from '../places/atomic-file.ts';

/** What a timer of Node takes; a run that hangs for longer has missed what it was to renew. */
function isHookLimit(text: string): boolean {
  const parsed = parseDuration(text);
  return 'ms' in parsed && parsed.ms >= SECOND_MS && parsed.ms <= DAY_MS;
}

const durationText = z.string().refine((text) => 'ms' in parseDuration(text), 'a duration such as P1D or PT10M');

/** What a person decides of a key that is kept, as it stands in its file. No secret is in it. */
const configurationSchema = z.strictObject({
  /** The gateway's base. */
  url: serviceUrl,
  /** The key's id, so that no other key's secret is taken for its own. */
  keyId: z.string().startsWith('key_'),
  /** The file that holds the secret, and nothing else. */
  secretFile: z.string().startsWith('/', 'an absolute path'),
  /** How long the old secret stays good after a rotation; left out: a day. */
  gracePeriod: durationText.optional(),
  /** What has to be seen before the old secret is retired ahead of that. */
  proof: z.enum(['accepted', 'used', 'moved']).default('moved'),
  /** Where else the secret is written. */
  deploy: z.array(deploymentSchema).default([]),
  /** Lines for /bin/sh. */
  hooks: z
    .strictObject({ before: z.string().min(1), prove: z.string().min(1), after: z.string().min(1) })
    .partial()
    .default({}),
  /** How long each hook, and each command that deploys, may take. */
  hookLimit: durationText.refine(isHookLimit, 'a duration from PT1S to P1D').default('PT10M'),
});

export type RegisteredKeyConfiguration = z.output<typeof configurationSchema>;

/** A key that is kept, by the name that a person gave it. */
export interface RegisteredKey extends RegisteredKeyConfiguration {
  readonly name: string;
}

/** The names of all keys that are kept, in order. */
export async function listRegisteredKeyNames(folders: Folders): Promise<string[]> {
  const found = await readdir(registeredKeyFolder(folders)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new CommandError(exitStatus.NO_PERMISSION, `${registeredKeyFolder(folders)} cannot be read.`, error);
  });
  return found
    .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** A key that is kept. @throws CommandError NO_INPUT when none of that name is, CONFIG when its file is wrong: what, and where. */
export async function readRegisteredKey(folders: Folders, name: string): Promise<RegisteredKey> {
  const path = registeredKeyFile(folders, name);
  const text = await readConfigurationFile(path);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new CommandError(exitStatus.CONFIG, `${path} is no JSON.`, error);
  }
  return { ...checkConfiguration(found, path), name };
}

/** Checks what stands in a file or was told to the command. @throws CommandError CONFIG that names what is wrong, `of` it. */
export function checkConfiguration(found: unknown, of: string): RegisteredKeyConfiguration {
  const checked = configurationSchema.safeParse(found);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`);
  throw new CommandError(exitStatus.CONFIG, plainLine(`${of} is wrong. ${problems.join('; ')}.`));
}

/** Writes the file of a key that is kept, as a person would read it. */
export async function writeRegisteredKey(folders: Folders, { name, ...configuration }: RegisteredKey): Promise<void> {
  await makeFolder(registeredKeyFolder(folders));
  await writeFileAtomically(registeredKeyFile(folders, name), `${JSON.stringify(configuration, null, 2)}\n`);
}

/** Keeps a key no longer. */
export async function removeRegisteredKey(folders: Folders, name: string): Promise<void> {
  await removeFile(registeredKeyFile(folders, name));
}

/** The file of a key that is kept. @throws CommandError USAGE for what cannot be a name. */
export function registeredKeyFile(folders: Folders, name: string): string {
  if (SECRET_PATTERN.test(name)) {
    throw new CommandError(exitStatus.USAGE, 'That is a secret, and no name: secrets are never arguments. Replace it.');
  }
  if (isLocalName(name)) return join(registeredKeyFolder(folders), `${name}.json`);
  throw new CommandError(
    exitStatus.USAGE,
    `${JSON.stringify(name)} cannot be the name of a key: ${LOCAL_NAME_RULE} can.`,
  );
}

function registeredKeyFolder({ config }: Folders): string {
  return join(config, 'keys');
}
