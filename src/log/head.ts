import { cursorAhead, cursorExpired } from '../domain/request-error.ts';
import type { Core } from '../store/core.ts';
import { encodeCursor } from './cursor.ts';

type Reader = { readonly prisma: Pick<Core['prisma'], 'logHead'> };

/** The first and the last position of the log. */
export interface LogBounds {
  /** The position of the oldest retained event. */
  readonly oldest: bigint;
  /** The position of the newest event. */
  readonly head: bigint;
  /** The number of the newest quiet change. */
  readonly quiet: bigint;
}

/** Reads the bounds of the log, in the snapshot of the caller's transaction. */
export async function readBounds({ prisma }: Reader): Promise<LogBounds> {
  const { oldest, position, quiet } = await prisma.logHead.findUniqueOrThrow({ where: { id: 1 } });
  return { oldest, head: position, quiet };
}

/** Reads the position of the newest event, in the snapshot of the caller's transaction. */
export async function readHead(reader: Reader): Promise<bigint> {
  return (await readBounds(reader)).head;
}

/** Throws CURSOR_EXPIRED or CURSOR_AHEAD if the log cannot be read without a gap after a position. */
export function checkPosition(after: bigint, { oldest, head }: Pick<LogBounds, 'oldest' | 'head'>): void {
  if (after < oldest - 1n) throw cursorExpired(encodeCursor(oldest - 1n));
  if (after > head) throw cursorAhead(encodeCursor(head));
}
