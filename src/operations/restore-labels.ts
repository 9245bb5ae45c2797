import type { EventData } from '../domain/event-detail.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { findEventOfOperation } from '../log/key-history.ts';
import type { Transaction } from '../store/core.ts';
import type { ChangeValues } from './stored-operation.ts';

/** The labels of a key to restore: those that an operation of this id set or removed by these values. */
export interface LabelUndo {
  readonly keyId: string;
  readonly operationId: string;
  readonly values: ChangeValues;
  /** The labels of the key before. Null: the operation did not store them; the log may have them. */
  readonly before: readonly LabelInput[] | null;
}

/**
 * Returns the change that restores the labels that an operation set or removed and that others have not changed since. Null:
 * there are none. NOT_RECORDED: there may be some, but it is not known what they were.
 */
export async function labelsToRestore(
  tx: Transaction,
  { keyId, operationId, values: { labels, removeLabels }, before }: LabelUndo,
): Promise<
  { readonly setLabels: readonly LabelInput[]; readonly removeLabels: readonly string[] } | 'NOT_RECORDED' | null
> {
  // The lock comes first: the labels are read as they are when the change is made.
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${keyId} FOR NO KEY UPDATE`;
  const rows = await tx.label.findMany({ where: { keyId }, select: { name: true, value: true } });
  const present = new Map(rows.map(({ name, value }) => [name, value]));
  const asSet = [
    ...(labels ?? []).filter(({ name, value }) => present.get(name) === value).map(({ name }) => name),
    ...(removeLabels ?? []).filter((name) => !present.has(name)),
  ];
  if (asSet.length === 0) return null;
  const known = before ?? (await labelsInLog(tx, keyId, operationId));
  if (known === null) return 'NOT_RECORDED';
  const previous = new Map(known.map(({ name, value }) => [name, value]));
  const unchanged = asSet.filter((name) => previous.get(name) !== present.get(name));
  if (unchanged.length === 0) return null;
  return {
    setLabels: unchanged.flatMap((name) => {
      const value = previous.get(name);
      return value === undefined ? [] : [{ name, value }];
    }),
    removeLabels: unchanged.filter((name) => !previous.has(name)),
  };
}

/** Returns the labels of a key before an operation changed them, as its event has them. Null: there is no such event. */
async function labelsInLog(tx: Transaction, keyId: string, operationId: string): Promise<readonly LabelInput[] | null> {
  const event = await findEventOfOperation(tx, keyId, 'KEY_UPDATED', operationId);
  if (event === null) return null;
  return (event.data as unknown as EventData<'KEY_UPDATED'>).before?.labels ?? null;
}
