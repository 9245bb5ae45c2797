import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command as Parser } from 'commander';
import type { Sensitive } from '../domain/sensitive.ts';
import type { CommandContext } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';
import { removeFile, writeFileAtomically } from './places/atomic-file.ts';

/** Where a new secret goes. */
export interface SecretPlace {
  /** Null: to standard output. */
  readonly file: string | null;
}

/** What the options are read as. */
export interface SecretOptions {
  readonly to?: string;
  readonly show?: true;
}

/** The two places that a new secret can go to, as options. */
export function declareSecretPlace(parser: Parser): Parser {
  return parser
    .addOption(new Option('--to <file>', 'write the secret to a new file, for you alone').conflicts('show'))
    .option('--show', 'write the secret to standard output');
}

/**
 * Sees that a secret can go where it is to go, before there is one: the file is made, empty.
 *
 * @throws CommandError USAGE when no place was told, CANNOT_CREATE when the file is there or cannot be made.
 */
export async function openSecretPlace({ to, show }: SecretOptions): Promise<SecretPlace> {
  if (to === undefined) {
    if (show === true) return { file: null };
    throw new CommandError(exitStatus.USAGE, 'Say where the secret goes: --to <file>, or --show for standard output.');
  }
  const file = resolve(to);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CommandError(exitStatus.CANNOT_CREATE, `${file} is there already: name a new file.`);
  await writeFileAtomically(file, '');
  return { file };
}

/** Writes a secret to its place; to standard output for people, for in JSON it is a member of the answer. */
export async function writeSecret(
  { output }: CommandContext,
  { file }: SecretPlace,
  secret: Sensitive<string>,
): Promise<void> {
  if (file === null) output.line(secret.reveal());
  else await writeFileAtomically(file, `${secret.reveal()}\n`);
}

/** Takes the empty file away, when there is no secret. */
export async function discardSecretPlace({ file }: SecretPlace): Promise<void> {
  if (file !== null) await removeFile(file);
}

/** What an answer in JSON says of the secret: itself where it was asked for, else its file. */
export function toSecretMember(secret: Sensitive<string>, { file }: SecretPlace): object {
  return file === null ? { secret: secret.reveal() } : { secretFile: file };
}
