import { text as readAll } from 'node:stream/consumers';
import { Sensitive } from '../../domain/sensitive.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readConfigurationFile } from '../private-file.ts';

/** Where the token of the job is. Neither: standard input. */
export interface JobTokenOptions {
  readonly tokenFile?: string;
  readonly tokenEnv?: string;
}

/**
 * Reads the token of a job from a file, an environment variable or standard input, never from the arguments. Other users
 * may read the file, because Kubernetes mounts tokens so, but not write it.
 *
 * @throws CommandError USAGE if standard input is a terminal, NO_INPUT if the file or variable does not exist, DATA if
 *   the text is not a signed JWT.
 */
export async function readJobToken(context: CommandContext, options: JobTokenOptions): Promise<Sensitive<string>> {
  const { tokenFile, tokenEnv } = options;
  const source = tokenFile ?? (tokenEnv === undefined ? 'standard input' : `the variable ${tokenEnv}`);
  const token = (await readText(context, options)).trim();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return new Sensitive(token);
  const found = token === '' ? 'nothing' : 'text that is not a signed JWT';
  throw new CommandError(exitStatus.DATA, `Found ${found} in ${source}; expected the token of a job.`);
}

async function readText({ env, input }: CommandContext, { tokenFile, tokenEnv }: JobTokenOptions): Promise<string> {
  if (tokenFile !== undefined) return readConfigurationFile(tokenFile);
  if (tokenEnv !== undefined) {
    const value = env[tokenEnv];
    if (value !== undefined) return value;
    throw new CommandError(exitStatus.NO_INPUT, `The environment has no variable ${tokenEnv}.`);
  }
  if (input.isTTY !== true) return readAll(input);
  const expected = 'give the token on standard input, or --token-file or --token-env';
  throw new CommandError(exitStatus.USAGE, `A terminal would display the token: ${expected}.`);
}
