import { isAbsolute, join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { openClient } from '../../client/client.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { CommandContext } from '../context.ts';
import { deployerKindNames } from '../deployers/deployer-table.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { writeFileAtomically } from '../places/atomic-file.ts';
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

/** What is told of a key that is to be kept. */
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

/** Settings that are paths: they are written down from the root, for cron begins elsewhere. */
const pathSettings = ['file', 'tokenFile'];

/**
 * Keeps a key whose secret is in a file or comes from standard input, when its gateway has said that the secret is good and
 * stays the key's. Nothing is kept otherwise. Where it comes in place of another one, the other places may have that still, which is
 * on its way out: the next run brings this one there.
 */
export async function registerKey(context: CommandContext, name: string, told: RegisterKeyOptions): Promise<RegisteredKey> {
  const { folders, now } = context;
  const path = registeredKeyFile(folders, name);
  if (told.replace !== true && (await listRegisteredKeyNames(folders)).includes(name)) {
    throw new CommandError(exitStatus.USAGE, `${name} is kept already, as ${path} says: edit that, or give --replace.`);
  }
  if (told.url === undefined) throw new CommandError(exitStatus.USAGE, 'Give the gateway by --url.');
  const ownFile = join(folders.state, 'secrets', name);
  const { before, prove, after } = told;
  const draft = {
    url: told.url,
    keyId: 'key_',
    secretFile: told.secretFile === undefined ? ownFile : resolvePath(context, told.secretFile),
    gracePeriod: told.gracePeriod,
    proof: told.proof,
    deploy: readDeployments(context, told.deploy ?? []),
    hooks: { before, prove, after },
    hookLimit: told.hookLimit,
  };
  const checked = { ...checkConfiguration(draft, 'What was told'), name };
  warnOfPlainHttp(context.output, checked.url);
  const secret = told.secretFile === undefined ? await readSecretFromInput(context) : await readStoredSecret(checked);
  const own = await openClient({ url: told.url, credential: () => secret.reveal() }).ownKey();
  if (!isCurrentSecret(secret, own)) {
    const found = `This secret of ${own.name} is on its way out`;
    throw new CommandError(exitStatus.DATA, `${found}: give me the one that stays.`);
  }
  await refuseDuplicateKey(folders, name, own.id);
  const kept = { ...checked, keyId: own.id };
  const run = openRenewalRun(context, kept);
  // First of all: of what was under way before nothing is left to do, and its secret must not come in place of this one.
  await closeJournal(folders, name, own.id);
  const isNew = told.secretFile !== undefined || !(await run.places[0].holds(secret));
  if (told.replace === true && isNew && run.places.length > 1) await beginDeployment(run, secret, own);
  if (told.secretFile === undefined) {
    await makeFolder(join(folders.state, 'secrets'));
    await writeFileAtomically(ownFile, `${secret.reveal()}\n`);
  }
  await writeRegisteredKey(folders, kept);
  await writeLastKnown(folders, name, own, now());
  return kept;
}

/** Of two names of one key each would be left behind by the rotations of the other. */
async function refuseDuplicateKey(folders: Folders, name: string, keyId: string): Promise<void> {
  for (const other of (await listRegisteredKeyNames(folders)).filter((one) => one !== name)) {
    // One whose file is wrong keeps nothing.
    const kept = await readRegisteredKey(folders, other).catch(() => null);
    if (kept?.keyId === keyId) {
      throw new CommandError(exitStatus.USAGE, `${keyId} is kept already, as ${other}: --deploy takes several places.`);
    }
  }
}

/** @throws CommandError TEMPORARY where it is another key's, whose new secret may be nowhere else. */
async function closeJournal(folders: Folders, name: string, keyId: string): Promise<void> {
  // One that is damaged is what a key is given anew for.
  const journal = await readJournal(folders, name).catch(() => null);
  if (journal !== null && journal.keyId !== keyId) {
    const found = `A renewal of ${journal.keyId} is under way, which is kept as ${name}`;
    throw new CommandError(exitStatus.TEMPORARY, `${found}: run keytide renew ${name} first, or give another name.`);
  }
  await removeJournal(folders, name);
}

/** `dotenv file=.env name=KEY github repository=…`: a kind of place, then its settings, as often as there are places. */
function readDeployments(context: CommandContext, words: readonly string[]): object[] {
  const places: Record<string, string>[] = [];
  for (const word of words) {
    const [, field, value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(word) ?? [];
    const place = places.at(-1);
    if (field === undefined) places.push({ to: word });
    else if (place === undefined) throw unknownWordError(word);
    else place[field] = pathSettings.includes(field) ? resolvePath(context, value) : value;
  }
  for (const { to = '' } of places) if (!deployerKindNames.includes(to)) throw unknownWordError(to);
  return places;
}

function unknownWordError(word: string): CommandError {
  const accepted = `a place begins with one of ${deployerKindNames.join(', ')}, and has settings such as name=value`;
  return new CommandError(exitStatus.USAGE, `--deploy: ${JSON.stringify(word)} is none; ${accepted}.`);
}

function resolvePath({ env }: CommandContext, path: string): string {
  if (path.startsWith('~/') && isAbsolute(env['HOME'] ?? '')) return join(env['HOME'] ?? '', path.slice(2));
  return resolve(path);
}

async function readSecretFromInput({ input }: CommandContext): Promise<Sensitive<string>> {
  if (input.isTTY === true) {
    throw new CommandError(exitStatus.USAGE, 'Give the secret on standard input, or its file by --secret-file.');
  }
  const secret = parseSecret((await readAll(input)).trim());
  if (secret !== null) return secret;
  throw new CommandError(
    exitStatus.DATA,
    'What came on standard input is no secret of a key, or not the whole of one.',
  );
}
