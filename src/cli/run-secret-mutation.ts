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

/** A mutation that returns a new secret. */
export interface SecretMutation {
  readonly name: 'issueKey' | 'rotateKey';
  readonly input: object;
  /** Fields to select in addition to the secret and the key. */
  readonly select?: string;
  /** A sentence that says what to do if the change was made but the secret is lost. */
  readonly recovery: string;
}

/** The fields that every such mutation returns; the key as KEY_SELECTION. */
interface CreatedSecret {
  readonly key: unknown;
  readonly secret: string | null;
}

/**
 * Runs a mutation that returns a new secret and writes the secret to the place that the options name. Changes nothing
 * if that place cannot be written.
 *
 * @throws CommandError and ClientError. If the change may have been made, the message says what to do.
 */
export async function runSecretMutation<More>(
  context: CommandContext,
  client: Client,
  { name, input, select = '', recovery }: SecretMutation,
  options: SecretOptions,
): Promise<{ readonly result: CreatedSecret & More; readonly secret: Sensitive<string>; readonly place: SecretPlace }> {
  const place = await openSecretPlace(options);
  let result: CreatedSecret & More;
  try {
    result = await runMutation<CreatedSecret & More>(client, {
      name,
      input,
      select: `secret key { ${KEY_SELECTION} } ${select}`,
    });
  } catch (error) {
    await discardSecretPlace(place);
    if (!(error instanceof ClientError) || !error.isPassing) throw error;
    throw new CommandError(exitStatus.TEMPORARY, `${error.message} The change may have been made: ${recovery}`, error);
  }
  if (result.secret === null) {
    await discardSecretPlace(place);
    throw new CommandError(
      exitStatus.UNAVAILABLE,
      `The change was made, but the gateway does not show the secret again: ${recovery}`,
    );
  }
  const secret = new Sensitive(result.secret);
  try {
    await writeSecret(context, place, secret);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.status, `${error.message} The change was made: ${recovery}`, error);
  }
  return { result, secret, place };
}
