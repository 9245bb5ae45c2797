import type { LabelInput } from '../keys/check-labels.ts';
import type { Transaction } from '../store/core.ts';
import type { ChangeValues } from './stored-operation.ts';

/**
 * Returns the change that restores the labels that an operation set or removed and that others have not changed since. Null:
 * there are none.
 */
export async function labelsToRestore(
  tx: Transaction,
  keyId: string,
  { labels, removeLabels }: ChangeValues,
  before: readonly LabelInput[] | null,
): Promise<{ readonly setLabels: readonly LabelInput[]; readonly removeLabels: readonly string[] } | null> {
  // The lock comes first: the labels are read as they are when the change is made.
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${keyId} FOR NO KEY UPDATE`;
  const rows = await tx.label.findMany({ where: { keyId }, select: { name: true, value: true } });
  const present = new Map(rows.map(({ name, value }) => [name, value]));
  const previous = new Map((before ?? []).map(({ name, value }) => [name, value]));
  const unchanged = [
    ...(labels ?? []).filter(({ name, value }) => present.get(name) === value).map(({ name }) => name),
    ...(removeLabels ?? []).filter((name) => !present.has(name)),
  ].filter((name) => previous.get(name) !== present.get(name));
  if (before === null || unchanged.length === 0) return null;
  return {
    setLabels: unchanged.flatMap((name) => {
      const value = previous.get(name);
      return value === undefined ? [] : [{ name, value }];
    }),
    removeLabels: unchanged.filter((name) => !previous.has(name)),
  };
}
