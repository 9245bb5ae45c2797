import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import type { Transaction } from '../store/core.ts';
import { loadRevisions } from './load-revisions.ts';
import type { Fault } from './runtime/runtime.ts';

/** How many ids of keys for which a binding failed are stored. */
export const FAILED_KEYS_MAX = 100;

/** A key for which a module returned no verdict, and why. */
export interface FailedKey extends Fault {
  readonly keyId: string;
}

/** `Binding.fault`: how a BROKEN binding fails. */
export interface KnownFault extends FailedKey {
  /** The revision that fails. */
  readonly revision: number;
  /** The number of keys for which the policy failed and has not returned a verdict since. */
  readonly keyCount: number;
  /** The ids of those keys, at most `FAILED_KEYS_MAX`. */
  readonly keyIds: readonly string[];
  /** Whether the binding is evaluated for no key until the back-off ends. */
  readonly isResting: boolean;
}

/** Returns how a binding fails; null: it works. */
export function knownFault({ health, fault }: Pick<Binding, 'health' | 'fault'>): KnownFault | null {
  return health === 'WORKING' ? null : (fault as unknown as KnownFault);
}

/** The columns of a binding that works. */
export const workingColumns = {
  health: 'WORKING',
  brokenAt: null,
  fault: Prisma.DbNull,
  retryAt: null,
} satisfies Prisma.BindingUpdateInput;

/**
 * Returns a fault that shows that a module fails as a whole, so that its binding must rest; null if the module fails
 * for some keys only. A module fails as a whole if it is not deterministic, or if it is missing, loops or crashes for
 * more keys than it returns verdicts for.
 */
export function findModuleFault(failed: readonly FailedKey[], answeredCount: number): FailedKey | null {
  const untrue = failed.find(({ kind }) => kind === 'NOT_DETERMINISTIC');
  const costly = failed.filter(({ kind }) => ['MISSING', 'LOOPS', 'CRASHES'].includes(kind));
  return untrue ?? (costly.length > answeredCount ? (costly[0] ?? null) : null);
}

/** Returns the keys that a revision of a binding still applies to: living keys of its realm that it selects. */
export async function filterStillSelected(
  tx: Transaction,
  binding: Binding,
  revision: number,
  keyIds: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  if (keyIds.length === 0) return [];
  const asked = (await loadRevisions(tx, binding, now)).find((one) => one.revision === revision);
  if (asked === undefined) return [];
  const keys = await tx.key.findMany({
    where: { id: { in: [...keyIds] }, realmId: binding.realmId, revokedAt: null, expiredAt: null },
    select: { id: true, createdAt: true, accountId: true, organizationId: true, subjectId: true, labels: true },
  });
  return keys.flatMap(({ accountId, organizationId, subjectId, ...key }) =>
    selects(asked.selector, { ...key, ownerId: accountId ?? organizationId ?? subjectId ?? '' }) ? [key.id] : [],
  );
}
