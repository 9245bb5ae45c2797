import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Change } from '../log/change.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import type { StoredVerdicts } from '../policies/stored-verdicts.ts';
import { announcedChangesOf } from './announced-changes.ts';
import { ownerIdOf, type KeyRow } from './key-row.ts';
import { nullIfEmpty } from './write-warnings.ts';

/**
 * Returns the column with the warnings of a key as a person's or program's change leaves it; nothing for a key without any, to which a
 * review may give some. Its brownouts are left to that review, too.
 */
export async function warningColumns(
  { tx }: Change,
  key: KeyRow,
  verdicts: StoredVerdicts,
  now: Date,
): Promise<{ readonly warnings?: Prisma.JsonValue }> {
  if (key.warnings === null) return {};
  // The evaluation has loaded them: no statement is sent.
  const { rollouts } = await loadPolicyFacts(tx, [key.realmId], [ownerIdOf(key)]);
  const { warnings } = announcedChangesOf(key, verdicts, [...rollouts.values()].flat(), now);
  return { warnings: nullIfEmpty(warnings) as unknown as Prisma.JsonValue };
}
