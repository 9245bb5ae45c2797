import { cursorAhead, cursorExpired } from '../domain/request-error.ts';
import type { Core } from '../store/core.ts';
import { encodeCursor } from './cursor.ts';

type Reader = { readonly prisma: Pick<Core['prisma'], 'logHead'> };

/** Where the log begins and ends. */
export interface LogBounds {
  /** The position of the first event that is kept. */
  readonly oldest: bigint;
  /** The position of the newest event. */
  readonly head: bigint;
}

/** In the snapshot of whoever asks. */
export async function readBounds({ prisma }: Reader): Promise<LogBounds> {
  const { oldest, position } = await prisma.logHead.findUniqueOrThrow({ where: { id: 1 } });
  return { oldest, head: position };
}

/** The position of the newest event, in the snapshot of whoever asks. */
export async function readHead(reader: Reader): Promise<bigint> {
  return (await readBounds(reader)).head;
}

/** Throws CURSOR_EXPIRED or CURSOR_AHEAD for a position after which the log cannot be read without a gap. */
export function checkPosition(after: bigint, { oldest, head }: LogBounds): void {
  if (after < oldest - 1n) throw cursorExpired(encodeCursor(oldest - 1n));
  if (after > head) throw cursorAhead(encodeCursor(head));
}
