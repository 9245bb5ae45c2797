import type { Ask } from '../domain/life.ts';
import { badUserInput } from '../domain/request-error.ts';
import { builder } from './builder.ts';

/** The longest idempotency key, in characters. */
const LONGEST_IDEMPOTENCY_KEY = 200;

export const ScopeInputRef = builder.inputType('ScopeInput', {
  fields: (t) => ({ action: t.string({ required: true }), resource: t.string({ required: true }) }),
});

/** What a caller asks a life to be: an instant, a time from now, or nothing. */
export function askOf(input: { expiresAt?: Date | null | undefined; lifetime?: number | null | undefined }): Ask {
  const { expiresAt, lifetime } = input;
  if (expiresAt != null && lifetime != null) {
    throw badUserInput('Found expiresAt and lifetime; give at most one of them.', ['input', 'lifetime']);
  }
  if (expiresAt != null) return { expiresAt };
  return lifetime == null ? null : { lifetimeMs: lifetime };
}

/** An idempotency key as callers send it: any text of 1 to 200 characters. */
export function repeatable(idempotencyKey: string | null | undefined): { idempotencyKey: string | null } {
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > LONGEST_IDEMPOTENCY_KEY)) {
    const found = `found ${idempotencyKey.length} characters; it has 1 to ${LONGEST_IDEMPOTENCY_KEY}.`;
    throw badUserInput(`idempotencyKey: ${found}`, ['input', 'idempotencyKey']);
  }
  return { idempotencyKey: idempotencyKey ?? null };
}
