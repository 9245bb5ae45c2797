import { z } from 'zod';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';

/** The source of a provider's token: a private file, or an environment variable as CI systems set it. */
export const tokenSource = {
  tokenFile: z.string().startsWith('/', 'an absolute path').optional(),
  tokenVariable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional(),
};

/** Whether exactly one source is given. */
export function hasOneTokenSource({
  tokenFile,
  tokenVariable,
}: {
  tokenFile?: unknown;
  tokenVariable?: unknown;
}): boolean {
  return (tokenFile === undefined) !== (tokenVariable === undefined);
}

/** Describes what `hasOneTokenSource` requires, for messages. */
export const TOKEN_SOURCE_RULE = 'give one of tokenFile and tokenVariable';

/** Reads the token. @throws CommandError CONFIG if the variable is not set, else as `readPrivateLine`. */
export async function readProviderToken(
  { tokenFile, tokenVariable }: { tokenFile?: string | undefined; tokenVariable?: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<Sensitive<string>> {
  if (tokenFile !== undefined) return readPrivateLine(tokenFile);
  const token = (env[tokenVariable ?? ''] ?? '').trim();
  if (token !== '') return new Sensitive(token);
  throw new CommandError(
    exitStatus.CONFIG,
    `The environment variable ${tokenVariable ?? ''} (tokenVariable) is not set; expected a token.`,
  );
}
