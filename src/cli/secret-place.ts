import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command as Parser } from 'commander';
import type { Sensitive } from '../domain/sensitive.ts';
import type { CommandContext } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';
import { removeFile, writeFileAtomically } from './deployers/files/atomic-file.ts';

/** Where a new secret is written. */
export interface SecretPlace {
  /** Null: standard output. */
  readonly file: string | null;
}

/** The parsed options. */
export interface SecretOptions {
  readonly to?: string;
  readonly show?: true;
}

/** Declares the options that say where a new secret is written. */
export function declareSecretPlace(parser: Parser): Parser {
  return parser
    .addOption(new Option('--to <file>', 'write the secret to a new file that only you can read').conflicts('show'))
    .option('--show', 'write the secret to standard output');
}

/**
 * Makes sure that a secret can be written before it is requested: creates the file, empty.
 *
 * @throws CommandError USAGE if no place is given, CANNOT_CREATE if the file exists already or cannot be created.
 */
export async function openSecretPlace({ to, show }: SecretOptions): Promise<SecretPlace> {
  if (to === undefined) {
    if (show === true) return { file: null };
    throw new CommandError(
      exitStatus.USAGE,
      'Give --to <file>, or --show for standard output, to say where the secret is written.',
    );
  }
  const file = resolve(to);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new CommandError(exitStatus.CANNOT_CREATE, `${file} exists already: give a new file.`);
  await writeFileAtomically(file, '');
  return { file };
}

/**
 * Writes a secret to its file, or to standard output. With `--json` the secret is a member of the result instead
 * (`toSecretMember`).
 */
export async function writeSecret(
  { output }: CommandContext,
  { file }: SecretPlace,
  secret: Sensitive<string>,
): Promise<void> {
  if (file === null) output.line(secret.reveal());
  else await writeFileAtomically(file, `${secret.reveal()}\n`);
}

/** Removes the empty file, if no secret was issued. */
export async function discardSecretPlace({ file }: SecretPlace): Promise<void> {
  if (file !== null) await removeFile(file);
}

/** Returns the member of the JSON result: the secret itself if it was requested by `--show`, else its file. */
export function toSecretMember(secret: Sensitive<string>, { file }: SecretPlace): object {
  return file === null ? { secret: secret.reveal() } : { secretFile: file };
}
