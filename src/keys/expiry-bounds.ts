import { fail, type Failure } from '../domain/failure.ts';
import type { OutOfBounds } from '../domain/life.ts';

/**
 * Returns the failure for a requested expiry outside its bounds. It states the bounds; the expiry is never clipped to
 * them.
 */
export function expiryOutOfBounds({ requested, earliest, latest }: OutOfBounds): Failure<'ExpiryOutOfBounds'> {
  const found = `The expiry would be ${requested.toISOString()}; it may be from ${earliest.toISOString()} to ${latest.toISOString()}.`;
  return fail('ExpiryOutOfBounds', found, { path: ['input'], details: { earliest, latest } });
}
