import { badUserInput } from '../domain/request-error.ts';

/** Prefix of the text that a cursor encodes. Another scheme of positions will use another version. */
const VERSION = '1:';

/** Returns a log position as an opaque cursor for callers. It is opaque so that the scheme of positions can change. */
export function encodeCursor(position: bigint): string {
  return Buffer.from(`${VERSION}${position}`).toString('base64url');
}

/** Returns the position in a cursor, after which a reader continues. Throws BAD_USER_INPUT for any other text. */
export function decodeCursor(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const digits = text.startsWith(VERSION) ? text.slice(VERSION.length) : '';
  if (!/^\d{1,18}$/.test(digits) || encodeCursor(BigInt(digits)) !== cursor) {
    throw badUserInput('The cursor was not issued by this gateway. Use the cursor of an event, or logCursor.');
  }
  return BigInt(digits);
}
