import type { Core } from '../store/core.ts';
import { compactVerdicts, expandVerdicts, readJudgedAt } from './compact/compact-verdicts.ts';
import type { RawVerdict } from './read-verdict.ts';
import { areSameVerdicts } from './same-verdicts.ts';
import type { BindingVerdict, EffectiveStops, StoredVerdicts } from './verdict-shapes.ts';

export type { BindingVerdict, EffectiveStops, StoredVerdicts } from './verdict-shapes.ts';

/** A `BindingVerdict` as the column `Judgement.verdicts` has it: stored names differ from those of this code and stay. */
type VerdictJson = Omit<BindingVerdict, 'raw' | 'effective'> & {
  readonly said: RawVerdict;
  readonly kept: EffectiveStops;
};

/** A row of `Judgement`, as far as its verdicts follow from it. */
export interface JudgementColumns {
  readonly verdicts: unknown;
  readonly compact?: Uint8Array | null;
  readonly judgedAt?: Date;
}

const parsedVerdicts = new WeakMap<object, StoredVerdicts>();

/**
 * Reads the stored verdicts of a key; none for a key without any. Returns the same objects each time for the same loaded row:
 * `findShortening` tells a new verdict from a previous one by identity.
 */
export function parseStoredVerdicts(row: JudgementColumns | null | undefined): StoredVerdicts {
  const json = row?.verdicts as readonly VerdictJson[] | null | undefined;
  const stored = row?.compact != null && isFromCompact(row) ? row.compact : json;
  if (stored == null) return [];
  const known = parsedVerdicts.get(stored);
  if (known !== undefined) return known;
  const verdicts =
    stored instanceof Uint8Array
      ? expandVerdicts(stored).verdicts
      : stored.map(({ said, kept, ...rest }) => ({ ...rest, raw: said, effective: kept }));
  parsedVerdicts.set(stored, verdicts);
  return verdicts;
}

/** Whether the bytes of a row are its verdicts. The release before writes JSON, and leaves bytes of an earlier moment. */
function isFromCompact({ verdicts, compact, judgedAt }: JudgementColumns): boolean {
  if (compact == null || (Array.isArray(verdicts) && verdicts.length > 0)) return false;
  return judgedAt === undefined || readJudgedAt(compact) === judgedAt.getTime();
}

/** The name of the compact format among the formats that a node reads (`Node.formats`). */
export const COMPACT_VERDICTS = 'VERDICTS_1';

const compacting = new WeakSet<Core['prisma']>();

/** Decides whether this process stores verdicts in the compact format. `Heartbeat` says when it may. */
export function storeCompact(prisma: Core['prisma'], isRead: boolean): void {
  if (isRead) compacting.add(prisma);
  else compacting.delete(prisma);
}

/** Whether this process stores verdicts in the compact format. */
export function storesCompact(prisma: Core['prisma']): boolean {
  return compacting.has(prisma);
}

/** Whether any verdicts are stored as JSON alone. */
export async function hasJsonVerdicts(prisma: Core['prisma']): Promise<boolean> {
  return (await prisma.judgement.findFirst({ where: { compact: null }, select: { keyId: true } })) !== null;
}

/**
 * Whether a row already holds verdicts, whenever the policies were evaluated. A row of JSON is written again once the compact
 * format may be stored.
 */
export function holdsVerdicts(
  { prisma }: Pick<Core, 'prisma'>,
  row: JudgementColumns | null,
  verdicts: StoredVerdicts,
): boolean {
  if (row === null || (storesCompact(prisma) && !isFromCompact(row))) return false;
  return areSameVerdicts(verdicts, parseStoredVerdicts(row));
}

/** Returns the row of `Judgement` that stores the verdicts on a key. */
export function judgementRow({ prisma }: Pick<Core, 'prisma'>, keyId: string, verdicts: StoredVerdicts, now: Date) {
  return storesCompact(prisma)
    ? { keyId, verdicts: [], compact: compactVerdicts({ judgedAt: now.getTime(), verdicts }), judgedAt: now }
    : { keyId, verdicts: serializeVerdicts(verdicts), compact: null, judgedAt: now };
}

/** Returns verdicts as JSON, as `Judgement.verdicts` stores them. */
export function serializeVerdicts(verdicts: StoredVerdicts): readonly VerdictJson[] {
  return verdicts.map(({ raw, effective, ...rest }) => ({ ...rest, said: raw, kept: effective }));
}

/** Returns the verdicts with all BY_USE stops postponed by `ms`. */
export function postponeVerdicts(verdicts: StoredVerdicts, ms: number): StoredVerdicts {
  const postpone = (at: number | null) => at && at + ms;
  return verdicts.map((verdict) => {
    const { cap, hold, expire } = verdict.effective;
    const isByUse = verdict.raw.expiry?.cap?.basis === 'BY_USE';
    const effective = { cap: isByUse ? postpone(cap) : cap, hold: postpone(hold), expire: postpone(expire) };
    return { ...verdict, effective };
  });
}

/** Returns the verdicts with the stops that the policies returned, as if there were no notice period. */
export function restoreRawStops(verdicts: StoredVerdicts): StoredVerdicts {
  return verdicts.map((verdict) => {
    const { expiry, dormancy } = verdict.raw;
    const cap = expiry?.cap?.at ?? null;
    return { ...verdict, effective: { cap, hold: dormancy?.holdAt ?? null, expire: dormancy?.expireAt ?? null } };
  });
}

/** Returns the effective moment of a binding's HARD cap, in milliseconds since 1970; null: it has none. */
export function hardCapOf({ raw, effective }: Pick<BindingVerdict, 'raw' | 'effective'>): number | null {
  return raw.expiry?.cap?.basis === 'HARD' ? effective.cap : null;
}
