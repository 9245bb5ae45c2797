import { z } from 'zod';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';

/** Where the token of a provider comes from: a file that nobody else may read, or a variable as CI systems give it. */
export const tokenSource = {
  tokenFile: z.string().startsWith('/', 'an absolute path').optional(),
  tokenVariable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional(),
};

/** Whether exactly one of the two is told. */
export function hasOneTokenSource({
  tokenFile,
  tokenVariable,
}: {
  tokenFile?: unknown;
  tokenVariable?: unknown;
}): boolean {
  return (tokenFile === undefined) !== (tokenVariable === undefined);
}

/** Says what `hasOneToken` asks for. */
export const TOKEN_SOURCE_RULE = 'give one of tokenFile and tokenVariable';

/** The token. @throws CommandError CONFIG when the variable is not set, or as `readPrivateLine` does. */
export async function readProviderToken(
  { tokenFile, tokenVariable }: { tokenFile?: string | undefined; tokenVariable?: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<Sensitive<string>> {
  if (tokenFile !== undefined) return readPrivateLine(tokenFile);
  const token = env[tokenVariable ?? ''] ?? '';
  if (token !== '') return new Sensitive(token);
  throw new CommandError(
    exitStatus.CONFIG,
    `The variable ${tokenVariable ?? ''}, which is to hold a token, is not set.`,
  );
}
