import type { ExpiryRequest } from '../domain/life.ts';
import { badUserInput } from '../domain/request-error.ts';
import { builder } from './builder.ts';

export const ScopeInputRef = builder.inputType('ScopeInput', {
  description: 'An action, and the resources on which it is allowed.',
  fields: (t) => ({
    action: t.string({
      required: true,
      description: 'An action of the realm’s catalogue, for example package:push; at most 64 characters.',
    }),
    resource: t.string({
      required: true,
      description:
        'A glob of resources: * matches within a path segment (between /), ** across segments; all else is literal. At most 512 characters.',
    }),
  }),
});

/** Returns the life that a caller requests: until an instant, for a time from now, or null for neither. */
export function requestedLifeOf(input: {
  expiresAt?: Date | null | undefined;
  lifetime?: number | null | undefined;
}): ExpiryRequest {
  const { expiresAt, lifetime } = input;
  if (expiresAt != null && lifetime != null) {
    throw badUserInput('Found both expiresAt and lifetime; expected at most one of them.', ['input', 'lifetime']);
  }
  if (expiresAt != null) return { expiresAt };
  return lifetime == null ? null : { lifetimeMs: lifetime };
}
