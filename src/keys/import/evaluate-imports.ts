import type { Caller } from '../../domain/caller.ts';
import type { Binding, Realm } from '../../../prisma/generated/client/client.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import { addMs, latest } from '../../domain/key.ts';
import { chooseAtIssue, noExpiry, type ChosenExpiry, type OutOfBounds } from '../../domain/life.ts';
import { boundsOf } from '../../domain/meet.ts';
import { bindsAtOf, type Ramp } from '../../domain/ramp.ts';
import type { Change } from '../../log/change.ts';
import type { EvaluatedKey } from '../../policies/evaluated-key.ts';
import { loadPolicyFacts } from '../../policies/realm-policies.ts';
import { evaluateKeyList, verdictColumns, type PolicyCore } from '../apply-policies.ts';
import { expiryOutOfBounds, explainBound } from '../expiry-bounds.ts';
import { knownDraftOf, newKeyEvaluation } from '../draft-keys.ts';
import type { Owner } from '../find-owner.ts';
import { countsFrom } from '../key-restrictions.ts';
import { reviewAtImport, type FirstReview } from './first-review.ts';
import type { IndexedRow } from './plan-import.ts';
import { stepOrRefuse, type RefusedRow } from './refused-row.ts';

/** A new row with the owner of its key. */
export type OwnedRow = IndexedRow & { readonly owner: Owner };

/** A key that is ready to be written, with its life before and after policies were evaluated. */
export interface EvaluatedImport extends OwnedRow {
  readonly draft: ImportDraft;
  readonly chosen: ChosenExpiry;
  readonly bindsAt: Date | null;
  /** Null: the key is revoked, and no policy was evaluated. */
  readonly evaluated: EvaluatedKey | null;
  readonly columns: ImportColumns;
  readonly events: FirstReview['events'];
}

/** The columns of an imported key that follow from its verdict. */
type ImportColumns = (ReturnType<typeof verdictColumns> | typeof withoutStop) & Pick<FirstReview, 'standing'>;

export type ImportDraft = ReturnType<typeof createDraft>;

/**
 * Evaluates the policies for rows of an import, once for all of them. A row whose expiry is out of bounds is refused. No
 * policy stops a key before its ramp, or its notice period, is over. A key that has not been used for long is warned at once.
 */
export async function evaluateImports(
  change: Change<PolicyCore>,
  caller: Caller,
  realm: Realm,
  rows: readonly OwnedRow[],
  ramp: Ramp | null,
  refused: RefusedRow[],
): Promise<readonly EvaluatedImport[]> {
  const now = instantOf(change, rows);
  const planned = rows.map((row) => ({
    ...row,
    draft: draftImport(change, row, now),
    bindsAt: ramp === null ? null : bindsAtOf(ramp, row.row.digest ?? row.row.rowDigest),
  }));
  const [alive, ended] = [
    planned.filter(({ row }) => row.state !== 'REVOKED'),
    planned.filter(({ row }) => row.state === 'REVOKED'),
  ];
  const inputOf = (one: (typeof planned)[number], life: ChosenExpiry) => ({
    ...newKeyEvaluation(realm.id, one.owner),
    known: knownDraftOf(one.draft, life),
    isImported: true,
    promise: { stopsAt: null, basis: null, isHeld: false, postponedMs: 0, bindsAt: one.bindsAt },
  });
  const requests = alive.map((one) => ({
    ...inputOf(one, noExpiry),
    request: { kind: 'ISSUE' as const, expiresAt: one.row.expiresAt?.getTime() ?? null },
  }));
  const bounded = await evaluateKeyList(change, requests, now);
  const lives = [];
  for (const [place, one] of alive.entries()) {
    const { verdict, verdicts } = bounded[place] as EvaluatedKey;
    const chosen = await stepOrRefuse(one.index, refused, (): ChosenExpiry | Promise<Failure> => {
      const { grantedAt: from } = one.draft;
      const found = chooseExpiry(one, boundsOf(verdict), longestNoticeMs(verdicts), from);
      if (!('requested' in found)) return found;
      const sources = { realm, verdicts, parent: null, isRenewal: false, caller };
      return explainBound(change.tx, found, sources, from).then((cause) => expiryOutOfBounds(found, cause));
    });
    if (chosen !== null) lives.push({ ...one, chosen });
  }
  const evaluated = await evaluateKeyList(
    change,
    lives.map((one) => inputOf(one, one.chosen)),
    now,
  );
  // What the transaction needs is known.
  if (change.isRehearsal) return [];
  const ownerIds = lives.map(({ owner }) => owner.id);
  const { bindings = [] } = (await loadPolicyFacts(change.tx, [realm.id], ownerIds)).realms.get(realm.id) ?? {};
  return [
    ...lives.map((one, place) => withReview({ ...one, evaluated: evaluated[place] as EvaluatedKey }, bindings)),
    ...ended.map((one) => ({ ...one, chosen: noExpiry, evaluated: null, columns: withoutStop, events: [] })),
  ].toSorted((a, b) => a.index - b.index);
}

/** A revoked key has no stop. */
const withoutStop = {
  expiresAt: null,
  expiryBasis: null,
  stopsAt: null,
  stopsBasis: null,
  renewalDueAt: null,
  reviewAt: null,
  standing: 'ACTIVE',
} as const;

/** Adds the columns of an imported key that follow from its verdict, and the events of its first review. */
function withReview<
  Key extends Pick<EvaluatedImport, 'draft' | 'chosen' | 'row'> & { readonly evaluated: EvaluatedKey },
>(key: Key, bindings: readonly Binding[]) {
  const { draft, chosen, evaluated, row } = key;
  const now = draft.importedAt;
  const life = { ...draft, ...chosen, tokenRuleId: null, standing: 'ACTIVE' as const, rotation: null };
  const isHeld = row.state === 'HELD';
  const alive = verdictColumns(life, evaluated, now);
  const columns = isHeld ? { ...alive, renewalDueAt: null } : alive;
  const { events, ...reviewed } = reviewAtImport(life, columns, evaluated, { isHeld, bindings, now });
  return { ...key, columns: { ...columns, ...reviewed }, events };
}

/**
 * Returns the expiry of an imported key. An expiry that it has already may be as near as it is, but no further ahead than
 * policy allows. An expiry that policy chooses is spread like the stops of policies, and leaves at least the notice period.
 */
function chooseExpiry(
  { row, bindsAt }: { readonly row: IndexedRow['row']; readonly bindsAt: Date | null },
  bounds: ReturnType<typeof boundsOf>,
  noticeMs: number,
  from: Date,
): ChosenExpiry | OutOfBounds {
  if (row.expiresAt !== null) {
    return chooseAtIssue({ expiresAt: row.expiresAt }, { ...bounds, shortestMs: Math.min(1, bounds.longestMs) }, from);
  }
  const chosen = chooseAtIssue(null, bounds, from);
  if ('requested' in chosen || chosen.chosenExpiresAt === null) return chosen;
  const noticed = latest(chosen.chosenExpiresAt, addMs(from, noticeMs));
  return { ...chosen, chosenExpiresAt: bindsAt === null ? noticed : latest(noticed, bindsAt) };
}

/** Returns the longest notice period of the verdicts that count. */
function longestNoticeMs(verdicts: EvaluatedKey['verdicts']): number {
  return Math.max(0, ...verdicts.filter(({ counts }) => counts).map(({ noticeMs }) => noticeMs));
}

/** Returns the instant of an import: that of its rehearsal, so that the verdicts of policies stay valid. */
function instantOf(change: Change, rows: readonly OwnedRow[]): Date {
  const name = rows.map(({ row }) => row.rowDigest.toString('base64')).join();
  return change.share(`instant of import ${canonicalJson(name)}`, () => change.now());
}

/** Returns an imported key in the form in which policies evaluate it: the same for the rehearsal and all attempts. */
function draftImport(change: Change, indexed: IndexedRow, now: Date): ImportDraft {
  const name = `import ${indexed.index} ${indexed.row.rowDigest.toString('base64')} ${now.getTime()}`;
  return change.share(name, () => createDraft(change, indexed, now));
}

function createDraft({ core }: Change, { row }: IndexedRow, now: Date) {
  const createdAt = row.createdAt ?? row.lastUsedAt ?? now;
  const from = countsFrom(row, now);
  return {
    id: newId('key', now, core.random),
    name: row.name,
    scopes: row.scopes,
    labels: row.labels,
    parentId: null,
    createdAt,
    importedAt: now,
    grantedAt: from,
    // Without a known last use a key is active as of its import, or as of when it becomes valid.
    activeAt: from > now ? from : (row.lastUsedAt ?? now),
    renewedAt: null,
    renewalCount: 0,
    lastUsedAt: row.lastUsedAt,
    secrets: [{ generation: 1, createdAt, firstUsedAt: row.lastUsedAt, retiresAt: null }],
  };
}
