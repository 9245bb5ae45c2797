import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { openClient } from '../../client/client.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { CommandContext } from '../context.ts';
import { readDeployments, resolvePath } from '../deployers/read-deployments.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { writeFileAtomically } from '../deployers/files/atomic-file.ts';
import { warnOfPlainHttp } from '../warn-of-plain-http.ts';
import { readJournal, removeJournal } from './journal.ts';
import {
  checkConfiguration,
  registeredKeyFile,
  listRegisteredKeyNames,
  readRegisteredKey,
  writeRegisteredKey,
  type RegisteredKey,
} from './registered-key.ts';
import { writeLastKnown } from './last-known.ts';
import { beginDeployment } from './request-replacement.ts';
import { openRenewalRun, readStoredSecret, isCurrentSecret } from './renewal-run.ts';

/** The options of `keytide keep`. */
export interface RegisterKeyOptions {
  readonly url?: string;
  readonly secretFile?: string;
  readonly deploy?: readonly string[];
  readonly before?: string;
  readonly prove?: string;
  readonly after?: string;
  readonly hookLimit?: string;
  readonly gracePeriod?: string;
  readonly proof?: string;
  readonly replace?: true;
}

/**
 * Registers a key, once the gateway has accepted its secret (from a file or standard input) as the current one; stores
 * nothing otherwise. If it replaces the secret of a key with other places, those places may still have the retiring
 * secret: the next run deploys the new one there.
 */
export async function registerKey(
  context: CommandContext,
  name: string,
  options: RegisterKeyOptions,
): Promise<RegisteredKey> {
  const { folders, now } = context;
  const path = registeredKeyFile(folders, name);
  if (options.replace !== true && (await listRegisteredKeyNames(folders)).includes(name)) {
    throw new CommandError(exitStatus.USAGE, `${name} is registered already: edit ${path}, or give --replace.`);
  }
  if (options.url === undefined) throw new CommandError(exitStatus.USAGE, 'Give the URL of the gateway with --url.');
  const ownFile = join(folders.state, 'secrets', name);
  const { before, prove, after } = options;
  const deploy = readDeployments(context, options.deploy ?? []);
  const runsCommands =
    [before, prove, after].some((hook) => hook !== undefined) || deploy.some(({ to }) => to === 'exec');
  const draft = {
    url: options.url,
    keyId: 'key_',
    secretFile: options.secretFile === undefined ? ownFile : resolvePath(context, options.secretFile),
    gracePeriod: options.gracePeriod,
    proof: options.proof,
    deploy,
    hooks: { before, prove, after },
    // Commands find their relative paths later, too: cron runs in another folder.
    hookFolder: runsCommands ? process.cwd() : undefined,
    hookLimit: options.hookLimit,
  };
  const checked = { ...checkConfiguration(draft, 'Options'), name };
  warnOfPlainHttp(context.output, checked.url);
  const secret =
    options.secretFile === undefined ? await readSecretFromInput(context) : await readStoredSecret(checked);
  const own = await openClient({ url: options.url, credential: () => secret.reveal() }).ownKey();
  if (!isCurrentSecret(secret, own)) {
    const found = `This secret of ${own.name} is about to retire`;
    throw new CommandError(exitStatus.DATA, `${found}: give the current secret of the key.`);
  }
  await refuseDuplicateKey(folders, name, own.id);
  const registeredKey = { ...checked, keyId: own.id };
  const run = openRenewalRun(context, registeredKey);
  // Before anything is stored: an earlier renewal is obsolete, and its secret must not replace this one.
  await closeJournal(folders, name, own.id);
  const isNew = options.secretFile !== undefined || !(await run.places[0].holds(secret));
  if (options.replace === true && isNew && run.places.length > 1) await beginDeployment(run, secret, own);
  if (options.secretFile === undefined) {
    await makeFolder(join(folders.state, 'secrets'));
    await writeFileAtomically(ownFile, `${secret.reveal()}\n`);
  }
  await writeRegisteredKey(folders, registeredKey);
  await writeLastKnown(folders, name, own, now());
  return registeredKey;
}

/**
 * Refuses a key that is registered under another name: each name would invalidate the other's secret by its rotations.
 */
async function refuseDuplicateKey(folders: Folders, name: string, keyId: string): Promise<void> {
  for (const other of (await listRegisteredKeyNames(folders)).filter((otherName) => otherName !== name)) {
    // A key whose file is invalid is not renewed, so it does not conflict.
    const registeredKey = await readRegisteredKey(folders, other).catch(() => null);
    if (registeredKey?.keyId === keyId) {
      throw new CommandError(
        exitStatus.USAGE,
        `${keyId} is registered already, as ${other}: add places to it with --deploy.`,
      );
    }
  }
}

/**
 * Removes the journal of an earlier renewal of the same key. @throws CommandError TEMPORARY if the renewal is of
 * another key: the journal may hold the only copy of that key's new secret.
 */
async function closeJournal(folders: Folders, name: string, keyId: string): Promise<void> {
  // A damaged journal is a reason to give the secret again, so it does not prevent the registration.
  const journal = await readJournal(folders, name).catch(() => null);
  if (journal !== null && journal.keyId !== keyId) {
    const found = `A renewal of ${journal.keyId}, which is registered as ${name}, is in progress`;
    throw new CommandError(exitStatus.TEMPORARY, `${found}: run keytide renew ${name} first, or use another name.`);
  }
  await removeJournal(folders, name);
}

async function readSecretFromInput({ input }: CommandContext): Promise<Sensitive<string>> {
  if (input.isTTY === true) {
    throw new CommandError(exitStatus.USAGE, 'Give the secret on standard input, or its file with --secret-file.');
  }
  const secret = parseSecret((await readAll(input)).trim());
  if (secret !== null) return secret;
  throw new CommandError(exitStatus.DATA, 'Standard input does not hold the complete secret of a key.');
}
