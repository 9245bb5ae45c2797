import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { formatDuration } from '../domain/duration.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { hardEndOf, type OutOfBounds } from '../domain/life.ts';
import type { AttributedReason } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import { readVerdict } from '../policies/read-verdict.ts';
import type { StoredVerdicts } from '../policies/stored-verdicts.ts';
import { seesPolicies } from '../realms/visible-realms.ts';
import type { Transaction } from '../store/core.ts';
import type { KeyRow } from './key-row.ts';

/**
 * Returns the failure for a requested expiry outside its bounds. It states the bounds, and which rule, policy or key set the
 * bound that was passed; the expiry is never clipped to them.
 */
export function expiryOutOfBounds(
  { requested, earliest, latest }: OutOfBounds,
  cause: string,
): Failure<'ExpiryOutOfBounds'> {
  const found = `The expiry would be ${requested.toISOString()}; it may be from ${earliest.toISOString()} to ${latest.toISOString()}.`;
  return fail('ExpiryOutOfBounds', `${found} ${cause}`, { path: ['input'], details: { earliest, latest } });
}

/** What may bound a requested lifetime: the realm, the policies that count, and the key that issued this one. */
export interface BoundSources {
  readonly realm: Pick<Realm, 'slug' | 'shortestLifetimeMs' | 'longestLifetimeMs'>;
  readonly verdicts: StoredVerdicts;
  readonly parent: KeyRow | null;
  readonly isRenewal: boolean;
  /** Who reads the sentence: callers that see no policies read the name of no policy, and the id of no key. */
  readonly caller: Caller;
}

/** A bound in ms from now, and what set it: a text, or the id of a binding. */
interface Bound {
  readonly ms: number;
  readonly setBy: { readonly text: string } | { readonly bindingId: string };
}

/** Returns a sentence that names what set the bound that a request passed. Of equal bounds the realm's is named. */
export async function explainBound(
  tx: Transaction,
  { requested, earliest }: OutOfBounds,
  sources: BoundSources,
  now: Date,
): Promise<string> {
  const longest = first(longestBounds(sources, now), (a, b) => a.ms - b.ms);
  if (requested >= earliest) return `The latest is set by ${await nameBound(tx, longest, sources.caller)}.`;
  const shortest = first(shortestBounds(sources), (a, b) => b.ms - a.ms);
  // If the shortest lifetime exceeds the longest, the longest is both bounds.
  return `The earliest is set by ${await nameBound(tx, shortest.ms > longest.ms ? longest : shortest, sources.caller)}.`;
}

function shortestBounds({ realm, verdicts }: BoundSources): Bound[] {
  const ms = Number(realm.shortestLifetimeMs);
  const ofRealm = { ms, setBy: { text: `realm ${realm.slug}: shortestLifetime ${formatDuration(ms)}` } };
  return [ofRealm, ...verdictBounds(verdicts, ({ request }) => request.shortestMs)];
}

function longestBounds({ realm, verdicts, parent, isRenewal, caller }: BoundSources, now: Date): Bound[] {
  const ms = Number(realm.longestLifetimeMs);
  const bounds: Bound[] = [
    { ms, setBy: { text: `realm ${realm.slug}: longestLifetime ${formatDuration(ms)}` } },
    ...verdictBounds(verdicts, ({ request }) => request.longestMs),
  ];
  if (isRenewal) bounds.push(...verdictBounds(verdicts, ({ renewal }) => renewal.longestMs ?? Infinity));
  const end = parent && hardEndOf(parent);
  if (parent !== null && end !== null) {
    const text = `${nameParent(parent, caller)}, which issued this key and expires then`;
    bounds.push({ ms: end.getTime() - now.getTime(), setBy: { text } });
  }
  return bounds;
}

function verdictBounds(verdicts: StoredVerdicts, read: (verdict: ReturnType<typeof readVerdict>) => number): Bound[] {
  return verdicts
    .filter(({ counts }) => counts)
    .map(({ bindingId, raw }) => ({ ms: read(readVerdict(raw, bindingId)), setBy: { bindingId } }));
}

async function nameBound(tx: Transaction, { setBy }: Bound, caller: Caller): Promise<string> {
  return 'text' in setBy ? setBy.text : namePolicy(tx, setBy.bindingId, caller);
}

/** Returns the name of a key's parent, as a caller may see it. */
export function nameParent({ id }: Pick<KeyRow, 'id'>, caller: Caller): string {
  return seesPolicies(caller) ? `key ${id}` : 'the key';
}

/** Returns the reason of a policy, with a sentence that names the policy as a caller may see it. */
export async function explainReason(
  { tx }: Change,
  caller: Caller,
  { sentence, by }: AttributedReason,
): Promise<string> {
  return `${sentence} This is decided by ${await namePolicy(tx, by, caller)}.`;
}

/** Returns the name of the policy that a binding attaches, with the id of the binding, as a caller may see it. */
async function namePolicy(tx: Transaction, bindingId: string, caller: Caller): Promise<string> {
  if (!seesPolicies(caller)) return 'a policy of the realm';
  const binding = await tx.binding.findUnique({ where: { id: bindingId }, select: { policy: true } });
  return `policy ${binding?.policy ?? 'unknown'} (${bindingId})`;
}

function first([bound, ...others]: Bound[], order: (a: Bound, b: Bound) => number): Bound {
  if (bound === undefined) throw new Error('the realm bounds every lifetime');
  return others.reduce((best, next) => (order(next, best) < 0 ? next : best), bound);
}
