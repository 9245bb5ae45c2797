import { formatRange, includesRanges, parseRange, RANGES_MAX } from '../domain/address.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs, latest } from '../domain/key.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { KeyRow } from './key-row.ts';

/** How far ahead of its issue a key may become valid. */
export const NOT_BEFORE_MAX_MS = 365 * DAY_MS;

/**
 * Returns ranges of addresses in their canonical form, each once.
 *
 * @throws BAD_USER_INPUT for a text that is not an address or a range, a range with host bits, and for too many.
 */
export function checkAllowedAddresses(texts: readonly string[]): readonly string[] {
  const path = ['input', 'allowedAddresses'];
  if (texts.length > RANGES_MAX) {
    throw badUserInput(`allowedAddresses: found ${texts.length}; a key has at most ${RANGES_MAX}.`, path);
  }
  const ranges = texts.map((text, index) => {
    const range = parseRange(text);
    if ('problem' in range) {
      throw badUserInput(`allowedAddresses[${index}]: ${range.problem}.`, [...path, String(index)]);
    }
    return formatRange(range);
  });
  return [...new Set(ranges)];
}

/** Throws BAD_USER_INPUT for a moment that is too far ahead. */
export function checkNotBefore(notBefore: Date | null, now: Date): void {
  const end = addMs(now, NOT_BEFORE_MAX_MS);
  if (notBefore === null || notBefore <= end) return;
  const found = `found ${notBefore.toISOString()}; expected at the latest ${end.toISOString()}`;
  throw badUserInput(`notBefore: ${found}, 365 days ahead.`, ['input', 'notBefore']);
}

/** Returns from when the life of a key counts that is given, or renewed, now: not before it is valid. */
export function countsFrom({ notBefore }: { readonly notBefore: Date | null }, now: Date): Date {
  return notBefore === null ? now : latest(notBefore, now);
}

/**
 * Returns the addresses of a key that another key issues: those that are requested, by default its parent's. So a key cannot issue
 * one that may be used where it may not itself.
 *
 * @throws BAD_USER_INPUT for addresses that its parent does not allow.
 */
export function limitToParentAddresses(requested: readonly string[], parent: KeyRow | null): readonly string[] {
  if (parent === null || parent.allowedAddresses.length === 0) return requested;
  if (requested.length === 0) return parent.allowedAddresses;
  if (includesRanges(parent.allowedAddresses, requested)) return requested;
  throw badUserInput(
    `allowedAddresses: found addresses that the calling key does not allow; expected ranges within ${parent.allowedAddresses.join(', ')}.`,
    ['input', 'allowedAddresses'],
  );
}
