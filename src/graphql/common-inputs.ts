import type { ExpiryRequest } from '../domain/life.ts';
import { badUserInput } from '../domain/request-error.ts';
import { builder } from './builder.ts';

/** The longest idempotency key, in characters. */
const IDEMPOTENCY_KEY_MAX = 200;

export const ScopeInputRef = builder.inputType('ScopeInput', {
  fields: (t) => ({ action: t.string({ required: true }), resource: t.string({ required: true }) }),
});

/** What a caller asks a life to be: an instant, a time from now, or nothing. */
export function requestedLifeOf(input: {
  expiresAt?: Date | null | undefined;
  lifetime?: number | null | undefined;
}): ExpiryRequest {
  const { expiresAt, lifetime } = input;
  if (expiresAt != null && lifetime != null) {
    throw badUserInput('Found expiresAt and lifetime; give at most one of them.', ['input', 'lifetime']);
  }
  if (expiresAt != null) return { expiresAt };
  return lifetime == null ? null : { lifetimeMs: lifetime };
}

/** An idempotency key as callers send it: any text of 1 to 200 characters. */
export function checkIdempotencyKey(idempotencyKey: string | null | undefined): { idempotencyKey: string | null } {
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > IDEMPOTENCY_KEY_MAX)) {
    const found = `found ${idempotencyKey.length} characters; it has 1 to ${IDEMPOTENCY_KEY_MAX}.`;
    throw badUserInput(`idempotencyKey: ${found}`, ['input', 'idempotencyKey']);
  }
  return { idempotencyKey: idempotencyKey ?? null };
}
