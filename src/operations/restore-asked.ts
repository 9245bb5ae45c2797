import type { AskedColumns, RotationAsked } from '../keys/ask-rotation.ts';
import type { Transaction } from '../store/core.ts';

/** What ASK_ROTATION stores of a key, so that it can be undone. Instants and large integers are text, as in the stored JSON. */
export interface AskedBefore {
  readonly askedAt: string;
  /** The open request that it replaced. */
  readonly replaced: { readonly askedAt: string; readonly graceMs: string | null } | null;
}

/** Returns what is stored of a key for which a rotation was requested. */
export function askedBeforeOf({ askedAt, replacedAskedAt, replacedGraceMs }: RotationAsked): AskedBefore {
  return {
    askedAt: askedAt.toISOString(),
    replaced: replacedAskedAt === null ? null : { askedAt: replacedAskedAt.toISOString(), graceMs: replacedGraceMs },
  };
}

/**
 * Returns the columns of a key without the request of an operation: those of the request that it replaced, unless that was
 * of an operation which was undone since.
 */
export async function askedToRestore(tx: Transaction, keyId: string, { replaced }: AskedBefore): Promise<AskedColumns> {
  if (replaced === null) return { rotationAskedAt: null, rotationAskedGraceMs: null, rotationAnsweredAt: null };
  const [undone] = await tx.$queryRaw<{ before: AskedBefore }[]>`
    SELECT k.before FROM "Operation" o JOIN "OperationKey" k ON k."operationId" = o.id
    WHERE o.kind = 'ASK_ROTATION' AND o."realmId" = (SELECT "realmId" FROM "Key" WHERE id = ${keyId})
      AND k."keyId" = ${keyId} AND k.state = 'UNDONE' AND k.before->>'askedAt' = ${replaced.askedAt}`;
  if (undone !== undefined) return askedToRestore(tx, keyId, undone.before);
  const { askedAt, graceMs } = replaced;
  return {
    rotationAskedAt: new Date(askedAt),
    rotationAskedGraceMs: graceMs === null ? null : BigInt(graceMs),
    rotationAnsweredAt: null,
  };
}
