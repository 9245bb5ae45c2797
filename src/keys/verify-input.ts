import { isIP } from 'node:net';
import { badUserInput } from '../domain/request-error.ts';
import { textProblem } from '../domain/text.ts';
import type { VerifyKeyInput } from './verify.ts';

/** The longest accepted inputs, in characters. */
export const VERIFY_LENGTH_MAX = { secret: 256, action: 64, resource: 512, consumer: 200, address: 64 };

/** The inputs of a verification beside the secret; null: not given. */
export type VerifyTexts = Readonly<Record<Exclude<keyof typeof VERIFY_LENGTH_MAX, 'secret'>, string | null>>;

const textFields = ['action', 'resource', 'consumer', 'address'] as const satisfies readonly (keyof VerifyTexts)[];

interface Places {
  /** Returns how a message names a field. */
  readonly nameOf: (field: string) => string;
  /** Returns where the field is in the input. */
  readonly pathOf: (field?: string) => readonly string[] | undefined;
}

/**
 * Checks and returns the input of a verification, as every way of asking does.
 *
 * @throws BAD_USER_INPUT for a text that is malformed or too long, and for one of action and resource alone.
 */
export function readVerifyInput(secret: string, texts: VerifyTexts, { nameOf, pathOf }: Places): VerifyKeyInput {
  const { action, resource, consumer, address } = texts;
  if ((action === null) !== (resource === null)) {
    throw badUserInput(
      `Found one of ${nameOf('action')} and ${nameOf('resource')}; expected both or neither.`,
      pathOf(),
    );
  }
  for (const field of textFields) {
    const value = texts[field];
    if (value === null) continue;
    const problem = textProblem(value, { name: nameOf(field), max: VERIFY_LENGTH_MAX[field] });
    if (problem !== null) throw badUserInput(problem, pathOf(field));
  }
  if (address !== null && isIP(address) === 0) {
    throw badUserInput(`${nameOf('address')}: found no IP address; expected one, without a port.`, pathOf('address'));
  }
  const purpose = action === null || resource === null ? null : { action, resource };
  const presented = secret.trim();
  // A longer text cannot be a secret.
  return { secret: presented.length > VERIFY_LENGTH_MAX.secret ? '' : presented, purpose, consumer, address };
}
