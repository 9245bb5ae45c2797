import type { Core } from '../store/core.ts';
import { compactVerdicts } from '../policies/compact/compact-verdicts.ts';
import { parseStoredVerdicts, storesCompact } from '../policies/stored-verdicts.ts';

/** How many keys one call rewrites. */
const BATCH = 1_000;

interface Row {
  readonly keyId: string;
  readonly verdicts: unknown;
  readonly judgedAt: Date;
  readonly version: string;
}

/**
 * Stores the verdicts of the next keys in the compact format that the release before stored as JSON. A row that changes
 * meanwhile, or that is not in the form of any release, is left as it is. Returns the id of the last of them; null: there are no more, or other nodes do not read the format.
 */
export async function compactJudgements({ prisma }: Core, after: string): Promise<string | null> {
  if (!storesCompact(prisma)) return null;
  const rows = await prisma.$queryRaw<Row[]>`
    SELECT "keyId", verdicts, "judgedAt", xmin::text AS version FROM "Judgement"
    WHERE compact IS NULL AND "keyId" > ${after} ORDER BY "keyId" LIMIT ${BATCH}`;
  const last = rows.at(-1);
  if (last === undefined) return null;
  const written = rows.flatMap((row) => {
    const compact = compactRow(row);
    return compact === null ? [] : [{ keyId: row.keyId, version: row.version, compact }];
  });
  await prisma.$executeRaw`
    UPDATE "Judgement" j SET verdicts = '[]', compact = decode(r.compact, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(written)}::jsonb) AS r("keyId" text, version text, compact text)
    WHERE j."keyId" = r."keyId" AND j.xmin::text = r.version`;
  return last.keyId;
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
