import { ClientError } from '../client/client-error.ts';
import type { Client } from '../client/client.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { runMutation } from './run-mutation.ts';
import type { CommandContext } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';
import { KEY_SELECTION } from './key-list/key-json.ts';
import {
  discardSecretPlace,
  openSecretPlace,
  writeSecret,
  type SecretOptions,
  type SecretPlace,
} from './secret-place.ts';

/** A change that gives a new secret. */
export interface SecretMutation {
  readonly name: 'issueKey' | 'rotateKey';
  readonly input: object;
  /** What is selected beside the secret and the key. */
  readonly select?: string;
  /** What to do when it was made and the secret is nobody's: a sentence. */
  readonly recovery: string;
}

/** What is selected of every such change, the key by KEY_FACTS. */
interface CreatedSecret {
  readonly key: unknown;
  readonly secret: string | null;
}

/**
 * Makes a change that gives a new secret, and brings the secret to the place that was told. Nothing is changed where there is no
 * such place.
 *
 * @throws CommandError and ClientError; where it is not known that nothing was made, with what to do.
 */
export async function runSecretMutation<More>(
  context: CommandContext,
  client: Client,
  { name, input, select = '', recovery }: SecretMutation,
  told: SecretOptions,
): Promise<{ readonly made: CreatedSecret & More; readonly secret: Sensitive<string>; readonly place: SecretPlace }> {
  const place = await openSecretPlace(told);
  let made: CreatedSecret & More;
  try {
    made = await runMutation<CreatedSecret & More>(client, {
      name,
      input,
      select: `secret key { ${KEY_SELECTION} } ${select}`,
    });
  } catch (error) {
    await discardSecretPlace(place);
    if (!(error instanceof ClientError) || !error.isPassing) throw error;
    throw new CommandError(
      exitStatus.TEMPORARY,
      `${error.message} It may have been done all the same: ${recovery}`,
      error,
    );
  }
  if (made.secret === null) {
    await discardSecretPlace(place);
    throw new CommandError(exitStatus.UNAVAILABLE, `It was done, and the secret is not shown again: ${recovery}`);
  }
  const secret = new Sensitive(made.secret);
  try {
    await writeSecret(context, place, secret);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.status, `${error.message} It was done all the same: ${recovery}`, error);
  }
  return { made, secret, place };
}
