import { randomUUID } from 'node:crypto';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { ClientError } from '../client/client-error.ts';
import type { Client } from '../client/client.ts';
import { succeeded, type UserErrorFields } from '../client/succeeded.ts';

/** How long it waits before it asks again, in ms; after the last of them it gives up. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 4_000];
/** The longest that it waits when the gateway says for how long. */
const RETRY_DELAY_MAX_MS = 10_000;

/** A mutation with one input, and what is selected of its success. */
export interface Mutation {
  readonly name: string;
  readonly input: object;
  readonly select: string;
}

/**
 * Makes one change, however often it has to be asked for: it is sent under one idempotency key, and an answer that was lost
 * is repeated. Throws ClientError as `ask` does, and FAILED.
 */
export async function runMutation<Success extends object>(client: Client, mutation: Mutation): Promise<Success> {
  const { name, select } = mutation;
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation Change($input: ${type}Input!) {
  ${name}(input: $input) { __typename ... on UserError { code message } ... on ${type}Success { ${select} } }
}`;
  const variables = { input: { ...mutation.input, idempotencyKey: randomUUID() } };
  type Answer = Readonly<Record<string, (Success & { readonly __typename: string }) | UserErrorFields>>;
  for (const waitMs of [...RETRY_DELAYS_MS, null]) {
    try {
      const { [name]: answer } = await client.ask<Answer>({ query, variables });
      return succeeded(answer as (Success & { readonly __typename: string }) | UserErrorFields);
    } catch (error) {
      if (waitMs === null || !(error instanceof ClientError) || !error.isPassing) throw error;
      await pauseFor(Math.min(RETRY_DELAY_MAX_MS, Math.max(waitMs, error.retryAfterMs ?? 0)));
    }
  }
  throw new Error('The last attempt neither succeeded nor failed.');
}
