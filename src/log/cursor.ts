import { badUserInput } from '../domain/request-error.ts';

/** What a cursor begins with, encoded: another way of giving positions will begin otherwise. */
const VERSION = '1:';

/** A place in the log as callers see it: opaque, so that another way of giving positions can take this one's place. */
export function encodeCursor(position: bigint): string {
  return Buffer.from(`${VERSION}${position}`).toString('base64url');
}

/** The position after which a reader goes on. Throws for what is no cursor of this log. */
export function decodeCursor(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const digits = text.startsWith(VERSION) ? text.slice(VERSION.length) : '';
  if (!/^\d{1,18}$/.test(digits) || encodeCursor(BigInt(digits)) !== cursor) {
    throw badUserInput('The cursor is not one that this gateway gave. Take it from an event or from logCursor.');
  }
  return BigInt(digits);
}
