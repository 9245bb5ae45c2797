import { ClientError } from '../client/client-error.ts';
import type { Client } from '../client/client.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { makeChange } from './ask-again.ts';
import type { Context } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';
import { KEY_FACTS } from './listing/key-facts.ts';
import {
  closeSecretPlace,
  openSecretPlace,
  writeSecret,
  type SecretOptions,
  type SecretPlace,
} from './secret-place.ts';

/** A change that gives a new secret. */
export interface SecretChange {
  readonly name: 'issueKey' | 'rotateKey';
  readonly input: object;
  /** What is selected beside the secret and the key. */
  readonly select?: string;
  /** What to do when it was made and the secret is nobody's: a sentence. */
  readonly lost: string;
}

/** What is selected of every such change, the key by KEY_FACTS. */
interface Made {
  readonly key: unknown;
  readonly secret: string | null;
}

/**
 * Makes a change that gives a new secret, and brings the secret to the place that was told. Nothing is changed where there is no
 * such place.
 *
 * @throws CommandError and ClientError; where it is not known that nothing was made, with what to do.
 */
export async function makeSecret<More>(
  context: Context,
  client: Client,
  { name, input, select = '', lost }: SecretChange,
  told: SecretOptions,
): Promise<{ readonly made: Made & More; readonly secret: Sensitive<string>; readonly place: SecretPlace }> {
  const place = await openSecretPlace(told);
  let made: Made & More;
  try {
    made = await makeChange<Made & More>(client, { name, input, select: `secret key { ${KEY_FACTS} } ${select}` });
  } catch (error) {
    await closeSecretPlace(place);
    if (!(error instanceof ClientError) || !error.isPassing) throw error;
    throw new CommandError(exitStatus.TEMPORARY, `${error.message} It may have been done all the same: ${lost}`, error);
  }
  if (made.secret === null) {
    await closeSecretPlace(place);
    throw new CommandError(exitStatus.UNAVAILABLE, `It was done, and the secret is not shown again: ${lost}`);
  }
  const secret = new Sensitive(made.secret);
  try {
    await writeSecret(context, place, secret);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.status, `${error.message} It was done all the same: ${lost}`, error);
  }
  return { made, secret, place };
}
