import type { Core } from '../store/core.ts';
import { compactVerdicts } from '../policies/compact/compact-verdicts.ts';
import { parseStoredVerdicts, storesCompact } from '../policies/stored-verdicts.ts';

/** How many keys one call rewrites. */
const BATCH = 1_000;

interface Row {
  readonly keyId: string;
  readonly verdicts: unknown;
  readonly judgedAt: Date;
}

/**
 * Stores the verdicts of the next keys in the compact format that the release before stored as JSON. Waits for no lock: rows that
 * another transaction has locked, of a review or of another node that does the same, are left out, so that there is no deadlock
 * and no row is written twice. A row that is not in the form of any release is left as it is. Returns the id of the last key;
 * null: there are no more, or other nodes do not read the format.
 */
export async function compactJudgements({ prisma }: Core, after: string): Promise<string | null> {
  if (!storesCompact(prisma)) return null;
  return prisma.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT "keyId", verdicts, "judgedAt" FROM "Judgement"
      WHERE compact IS NULL AND "keyId" > ${after} ORDER BY "keyId" LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`;
    const written = rows.flatMap((row) => {
      const compact = compactRow(row);
      return compact === null ? [] : [{ keyId: row.keyId, compact }];
    });
    if (written.length > 0) {
      await tx.$executeRaw`
        UPDATE "Judgement" j SET verdicts = '[]', compact = decode(r.compact, 'hex')
        FROM jsonb_to_recordset(${JSON.stringify(written)}::jsonb) AS r("keyId" text, compact text)
        WHERE j."keyId" = r."keyId"`;
    }
    return rows.at(-1)?.keyId ?? null;
  });
}

/** Returns the verdicts of a row as compact bytes, in hexadecimal; null: they cannot be read. */
function compactRow(row: Row): string | null {
  try {
    const bytes = compactVerdicts({ judgedAt: row.judgedAt.getTime(), verdicts: parseStoredVerdicts(row) });
    return Buffer.from(bytes).toString('hex');
  } catch {
    return null;
  }
}
