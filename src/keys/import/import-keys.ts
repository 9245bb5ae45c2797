import type { Realm } from '../../../prisma/generated/client/client.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Caller } from '../../domain/caller.ts';
import { may } from '../../domain/permission.ts';
import type { Ramp } from '../../domain/ramp.ts';
import { rampProblem } from '../../domain/ramp.ts';
import { badUserInput, forbidden } from '../../domain/request-error.ts';
import type { StopBasis } from '../../domain/verdict.ts';
import type { Change } from '../../log/change.ts';
import { useCase } from '../../log/use-case.ts';
import { rehearsePolicies } from '../../policies/rehearse-policies.ts';
import { shareRealm } from '../../policies/lock-realm.ts';
import type { PolicyCore } from '../apply-policies.ts';
import { refuseScopes } from '../check-scopes.ts';
import type { FoundOwner } from '../find-owner.ts';
import { checkRowCount } from '../issue-many.ts';
import { realmNotFound } from '../issue-rows.ts';
import { evaluateImports, type OwnedRow } from './evaluate-imports.ts';
import { findImportOwners } from './import-owners.ts';
import { lockImports, lockOwnFormImports } from './lock-imports.ts';
import { storedDigestsOf } from './stored-digests.ts';
import { readImportRow, type ImportedKeyInput, type UnreadableRow } from './import-row.ts';
import { planImport, type IndexedRow } from './plan-import.ts';
import { stepOrRefuse, type RefusedRow } from './refused-row.ts';
import { writeImports } from './write-imports.ts';

export interface ImportKeysInput {
  /** The realm's slug. */
  readonly realm: string;
  readonly keys: readonly (ImportedKeyInput | UnreadableRow)[];
  readonly ramp: Ramp | null;
  readonly dryRun: boolean;
}

/** What became of a row that was not refused. In a dry run: what would become of it. */
export interface ImportedRow {
  readonly index: number;
  /** Null: a dry run, and the key does not exist yet. */
  readonly keyId: string | null;
  /** Whether the same row was imported before. */
  readonly isUnchanged: boolean;
  /** Whether the row had a salted digest: the key gets its secret by `adoptKey`. */
  readonly isAnnounced: boolean;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly bindsAt: Date | null;
}

/** The rows that were imported and those that were refused, each in the order of the input. */
export type KeyImports = { readonly rows: readonly ImportedRow[]; readonly refused: readonly RefusedRow[] };

interface ImportTarget {
  readonly realm: Realm;
}

/**
 * Imports up to 1,000 keys of another system by the digests of their secrets. Valid rows are imported in one transaction;
 * refused rows are listed and stop nothing. A row that was imported before, with the same values, is unchanged.
 */
export const importKeys = useCase<ImportKeysInput, ImportTarget, KeyImports, PolicyCore>()({
  name: 'importKeys',
  guessable: ['keys'],
  rehearse: rehearsePolicies,
  turnOf: ({ realm }) => realm,

  async authorize(change, caller, { realm: slug, keys, ramp }) {
    checkRowCount(keys.length);
    const { tx } = change;
    // A change of the realm's bindings waits for this import, or this import waits for it.
    const realm = await shareRealm(change, { slug });
    if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return realmNotFound();
    if (!may(caller, 'key.import', { realmId: realm.id }))
      throw forbidden('Only administrators of the gateway may import keys, as signed-in persons.');
    const problem = ramp && rampProblem(ramp, change.now());
    if (problem !== null) throw badUserInput(problem, ['input', 'ramp']);
    await lockImports(tx, realm.id);
    return { realm };
  },

  async run(change, caller, { keys, ramp, dryRun }, { realm }) {
    const { id, secretPrefix, foreignRandomBits } = realm;
    // The rehearsal reads the rows for all attempts: what they are follows from the input and the realm.
    const read = await change.share(`rows for ${id} ${secretPrefix} ${foreignRandomBits}`, () =>
      readRows(change, caller, keys, realm),
    );
    const { rows } = read;
    if (rows.some(({ stored }) => stored.form === 'OWN')) await lockOwnFormImports(change.tx);
    const refused = [...read.refused];
    const { fresh, unchanged } = await planImport(change, realm.id, rows, refused);
    const owners = await findImportOwners(change, caller, fresh, realm.id);
    const owned: OwnedRow[] = [];
    for (const [place, one] of fresh.entries()) {
      const { scopes } = one.row;
      const row = await stepOrRefuse(one.index, refused, async () => {
        const owner = owners[place] as FoundOwner;
        if (isFailure(owner)) return owner;
        const refusal = await refuseScopes(change, caller, realm, owner, scopes, { isNew: true });
        return refusal ?? { ...one, owner };
      });
      if (row !== null) owned.push(row);
    }
    const evaluated = await evaluateImports(change, caller, realm, owned, ramp, refused);
    if (!dryRun) await writeImports(change, caller, realm, evaluated);
    const imported = evaluated.map((key): ImportedRow => {
      const { stopsAt, stopsBasis } = key.columns;
      const keyId = dryRun ? null : key.draft.id;
      const isAnnounced = key.row.digest === null;
      return { index: key.index, keyId, isUnchanged: false, isAnnounced, stopsAt, stopsBasis, bindsAt: key.bindsAt };
    });
    const known = unchanged.map(({ index, existing }): ImportedRow => {
      const { keyId, stopsAt, stopsBasis, bindsAt } = existing;
      return {
        index,
        keyId,
        isUnchanged: true,
        isAnnounced: existing.isAnnounced === true,
        stopsAt,
        stopsBasis,
        bindsAt,
      };
    });
    return {
      rows: [...imported, ...known].toSorted((a, b) => a.index - b.index),
      refused: refused.toSorted((a, b) => a.index - b.index),
    };
  },
});

/** Reads the rows of an import, and refuses those that are malformed. */
async function readRows(
  { core, now }: Change,
  caller: Caller,
  keys: ImportKeysInput['keys'],
  realm: Realm,
): Promise<{ readonly rows: readonly IndexedRow[]; readonly refused: readonly RefusedRow[] }> {
  const refused: RefusedRow[] = [];
  const rows: IndexedRow[] = [];
  const at = now();
  for (const [index, input] of keys.entries()) {
    const row = await stepOrRefuse(index, refused, () => readImportRow(core, caller, input, realm, at));
    if (row !== null) rows.push({ index, row, stored: storedDigestsOf(core, realm, row) });
  }
  return { rows, refused };
}
