import { badUserInput } from '../../domain/request-error.ts';

/** How far a verifier in another process knows the changes of a database. */
export interface FollowPosition {
  /** The history of the database: another one after a restore. */
  readonly lineage: string;
  /** The position of the newest event. */
  readonly position: bigint;
  /** The number of the newest quiet change. */
  readonly quiet: bigint;
}

/** Prefix of the text that a cursor encodes. Another scheme of positions will use another version. */
const VERSION = 'f1';

/** Returns the cursor of a position for followers. It is opaque so that the scheme of positions can change. */
export function encodeFollowCursor({ lineage, position, quiet }: FollowPosition): string {
  return Buffer.from([VERSION, position, quiet, lineage].join(':')).toString('base64url');
}

/** Returns the position in a cursor of a follower. @throws BAD_USER_INPUT for any other text. */
export function decodeFollowCursor(cursor: string): FollowPosition {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, position = '', quiet = '', lineage = ''] = /^f1:(\d{1,18}):(\d{1,18}):([\w-]*)$/.exec(text) ?? [];
  const found = position === '' ? null : { lineage, position: BigInt(position), quiet: BigInt(quiet) };
  if (found === null || encodeFollowCursor(found) !== cursor) {
    throw badUserInput(
      'after: found a cursor that was not issued by this gateway; expected the cursor of a head line.',
    );
  }
  return found;
}
