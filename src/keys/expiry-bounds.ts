import { fail, type Failure } from '../domain/failure.ts';
import type { OutOfBounds } from '../domain/life.ts';

/** What is out of bounds is refused with the bounds, never clipped. */
export function expiryOutOfBounds({ requested, earliest, latest }: OutOfBounds): Failure<'ExpiryOutOfBounds'> {
  const found = `The expiry would be ${requested.toISOString()}; it may be from ${earliest.toISOString()} to ${latest.toISOString()}.`;
  return fail('ExpiryOutOfBounds', found, { path: ['input'], details: { earliest, latest } });
}
