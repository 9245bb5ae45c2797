import { fail, type Failure } from '../domain/failure.ts';
import type { OutOfBounds } from '../domain/life.ts';
import type { RequestBounds } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';

/** What may be asked for: policy's bounds, and for a key that another key issued no longer than that one's own life. */
export async function boundsFor(
  { tx }: Change,
  request: RequestBounds,
  parentId: string | null,
  now: Date,
): Promise<RequestBounds> {
  const parent = parentId === null ? null : await tx.key.findUnique({ where: { id: parentId } });
  if (parent === null || parent.chosenExpiresAt === null) return request;
  const parentMs = parent.chosenExpiresAt.getTime() - now.getTime();
  const longestMs = Math.min(request.longestMs, parentMs);
  return {
    shortestMs: Math.min(request.shortestMs, longestMs),
    longestMs,
    defaultMs: Math.min(request.defaultMs ?? longestMs, longestMs),
  };
}

/** What is out of bounds is refused with the bounds, never clipped. */
export function outOfBounds({ asked, earliest, latest }: OutOfBounds): Failure<'ExpiryOutOfBounds'> {
  const found = `The expiry would be ${asked.toISOString()}; it may be from ${earliest.toISOString()} to ${latest.toISOString()}.`;
  return fail('ExpiryOutOfBounds', found, { path: ['input'], details: { earliest, latest } });
}
