import type { Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import type { Transaction } from '../store/core.ts';
import { revisionsOf } from './revisions.ts';
import type { Fault } from './runtime/runtime.ts';

/** How many of the keys that a binding failed are remembered by name. */
export const FAILED_KEYS_MAX = 100;

/** A key of which a module had nothing to say, and why. */
export interface FailedKey extends Fault {
  readonly keyId: string;
}

/** What `Binding.fault` keeps of a binding that is BROKEN. */
export interface KnownFault extends FailedKey {
  /** The revision that fails. */
  readonly revision: number;
  /** How many keys it failed and has not answered since. */
  readonly keyCount: number;
  /** Those keys, as far as they are remembered. */
  readonly keyIds: readonly string[];
  /** Whether it is asked about no key until it is time to try again. */
  readonly isResting: boolean;
}

/** How a binding fails; null: it works. */
export function knownFault({ health, fault }: Pick<Binding, 'health' | 'fault'>): KnownFault | null {
  return health === 'WORKING' ? null : (fault as unknown as KnownFault);
}

/**
 * Which fault says that a module fails by itself, and not for some keys alone: then nobody is asked for a while. A module that
 * loops or crashes for fewer keys than it answers goes on being asked about all others.
 */
export function findModuleFault(failed: readonly FailedKey[], answeredCount: number): FailedKey | null {
  const untrue = failed.find(({ kind }) => kind === 'NOT_DETERMINISTIC');
  const costly = failed.filter(({ kind }) => ['MISSING', 'LOOPS', 'CRASHES'].includes(kind));
  return untrue ?? (costly.length > answeredCount ? (costly[0] ?? null) : null);
}

/** Those of some keys about which a revision of a binding is still asked: they live, in its realm, and it selects them. */
export async function filterStillSelected(
  tx: Transaction,
  binding: Binding,
  revision: number,
  keyIds: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const asked = revisionsOf(binding, now).find((one) => one.revision === revision);
  if (asked === undefined || keyIds.length === 0) return [];
  const keys = await tx.key.findMany({
    where: { id: { in: [...keyIds] }, realmId: binding.realmId, revokedAt: null, expiredAt: null },
    select: { id: true, createdAt: true, accountId: true, organizationId: true, labels: true },
  });
  return keys.flatMap(({ accountId, organizationId, ...key }) =>
    selects(asked.selector, { ...key, ownerId: accountId ?? organizationId ?? '' }) ? [key.id] : [],
  );
}
