import { randomUUID } from 'node:crypto';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { ClientError } from '../client/client-error.ts';
import type { Client } from '../client/client.ts';
import { succeeded, type UserErrorFields } from '../client/succeeded.ts';

/** Delays before each retry, in ms. After the last one the command gives up. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 4_000];
/** Upper bound on a delay that the gateway asks for with `retryAfter`, in ms. */
const RETRY_DELAY_MAX_MS = 10_000;

/** A mutation with a single input, and the selection of its success type. */
export interface Mutation {
  readonly name: string;
  readonly input: object;
  readonly select: string;
}

/**
 * Runs a mutation and returns its success. Retries under a single idempotency key while the gateway is unreachable or
 * unavailable, so a lost response never causes a second change.
 *
 * @throws ClientError as `Client.ask` does; FAILED when the mutation returned a UserError.
 */
export async function runMutation<Success extends object>(client: Client, mutation: Mutation): Promise<Success> {
  const { name, select } = mutation;
  // The mutations of operations share their types.
  const type = name.endsWith('Operation') ? 'Operation' : name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation Change($input: ${type}Input!) {
  ${name}(input: $input) { __typename ... on UserError { code message } ... on ${type}Success { ${select} } }
}`;
  const variables = { input: { ...mutation.input, idempotencyKey: randomUUID() } };
  type MutationData = Readonly<Record<string, (Success & { readonly __typename: string }) | UserErrorFields>>;
  for (const delayMs of [...RETRY_DELAYS_MS, null]) {
    try {
      const { [name]: result } = await client.ask<MutationData>({ query, variables });
      return succeeded(result as (Success & { readonly __typename: string }) | UserErrorFields);
    } catch (error) {
      if (delayMs === null || !(error instanceof ClientError) || !error.isPassing) throw error;
      await pauseFor(Math.min(RETRY_DELAY_MAX_MS, Math.max(delayMs, error.retryAfterMs ?? 0)));
    }
  }
  throw new Error('unreachable: the last attempt neither succeeded nor failed');
}
