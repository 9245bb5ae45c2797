import type { Binding } from '../../prisma/generated/client/client.ts';
import { isOpenRollout, isShown, laterEnd, roleOf, type RevisionRole } from '../domain/rollout.ts';
import type { Selector } from '../domain/selector.ts';
import { hasOnlyFields } from '../domain/has-only-fields.ts';
import { hasCome } from '../domain/key.ts';
import type { Json } from '../domain/event.ts';
import { activeException, type RolloutFacts } from './rollout-facts.ts';
import type { PreviousRevision } from './stored-revision.ts';

/** A revision of a binding: the module, its configuration, and the keys that it applies to. */
export interface Revision {
  readonly bindingId: string;
  readonly revision: number;
  readonly policy: string;
  readonly hash: string;
  readonly config: Json;
  readonly selector: Selector | null;
  /** False: the selector has a field that this release does not know, so that it is not known which keys it selects. */
  readonly isSelectorKnown: boolean;
  readonly noticeMs: number;
  /** Before this moment the revision stops no key. Its notice period begins at this moment at the earliest. */
  readonly effectiveAt: Date;
  /** Whether its verdicts count. Otherwise they are only computed and shown. */
  readonly counts: boolean;
  readonly binding: Binding;
  /** The rollout that brings the revision. Absent: no open rollout does. */
  readonly rollout?: RolloutFacts;
  /** Where the binding has rollouts: whether the revision applies to a key, and before when it does not stop that key. */
  readonly reach?: (key: PlacedKey) => RevisionReach;
}

/** A key, as far as rollouts place it. */
export interface PlacedKey {
  readonly id: string;
  readonly ownerId: string;
}

/** OUT: the revision does not apply to the key. A moment: it stops the key at that moment at the earliest; null: no limit. */
export type RevisionReach = 'OUT' | { readonly notBefore: Date | null };

/**
 * Returns the revisions of a binding to evaluate at a moment: the one that counts, and an announced or SHADOW one that is
 * only shown. Where the binding has rollouts, the revisions that count differ from key to key.
 */
export function revisionsOf(binding: Binding, now: Date, rollouts: readonly RolloutFacts[] = []): readonly Revision[] {
  if (binding.unboundAt !== null) return [];
  const own = revisionsOfRow(binding, now);
  return rollouts.length === 0 ? own : withRollouts(binding, own, rollouts, now);
}

/**
 * Places the revisions of a binding in its rollouts. An open rollout brings its own revision, in force for the keys that it
 * has reached. For a key with an exception the revision before stays in force, and the others do not stop it before the
 * exception ends: the stop after it is known, and announced, from the beginning.
 */
function withRollouts(
  binding: Binding,
  own: readonly Revision[],
  rollouts: readonly RolloutFacts[],
  now: Date,
): readonly Revision[] {
  const open = rollouts.find(isOpenRollout);
  const done = rollouts.filter((rollout) => !isOpenRollout(rollout));
  const roleIn = rememberRoles(now);
  const untilOf = (key: PlacedKey) =>
    done.reduce<Date | null>((end, rollout) => laterEnd(end, roleIn(rollout, key).until), null);
  const present = own.map((revision): Revision => ({
    ...revision,
    reach: (key) => (open !== undefined && roleIn(open, key).role === 'AFTER' ? 'OUT' : { notBefore: untilOf(key) }),
  }));
  const excepted = done.flatMap((rollout): Revision[] => {
    if (rollout.before?.mode !== 'ENFORCED') return [];
    const reach: Revision['reach'] = (key) => (roleIn(rollout, key).role === 'UNTIL' ? { notBefore: null } : 'OUT');
    return [{ ...revisionFrom(binding, rollout.before), effectiveAt: binding.createdAt, counts: true, reach }];
  });
  if (open === undefined || open.after === null) return [...present, ...excepted];
  const next = {
    ...revisionFrom(binding, { ...open.after, revision: open.revision }),
    effectiveAt: binding.createdAt,
    rollout: open,
  };
  const inForce: Revision = {
    ...next,
    counts: true,
    reach: (key) => {
      const { role, until } = roleIn(open, key);
      if (role === 'BEFORE') return 'OUT';
      return { notBefore: laterEnd(role === 'UNTIL' ? until : null, untilOf(key)) };
    },
  };
  const shown: Revision = {
    ...next,
    counts: false,
    reach: (key) => (roleIn(open, key).role === 'BEFORE' ? { notBefore: null } : 'OUT'),
  };
  return [...present, ...excepted, inForce, ...(isShown(open) ? [shown] : [])];
}

interface KeyRole {
  readonly role: RevisionRole;
  /** Until when the key has an exception; null: none is in force. */
  readonly until: Date | null;
}

/** Returns a function that places a key in a rollout at a moment: once, although each revision of the binding asks for it. */
function rememberRoles(now: Date): (rollout: RolloutFacts, key: PlacedKey) => KeyRole {
  const known = new Map<string, KeyRole>();
  return (rollout, { id, ownerId }) => {
    const name = `${rollout.id} ${id} ${ownerId}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const member = rollout.members.find(id, ownerId);
    const placed = { role: roleOf(rollout, member, now), until: activeException(member, now) };
    known.set(name, placed);
    return placed;
  };
}

/** Returns what a stored revision of a binding says. */
function revisionFrom(binding: Binding, { revision, hash, config, selector, noticeMs }: PreviousRevision) {
  return {
    bindingId: binding.id,
    policy: binding.policy,
    binding,
    revision,
    hash,
    config,
    noticeMs,
    selector: readSelector(selector),
    isSelectorKnown: isSelectorKnown(selector),
  };
}

function revisionsOfRow(binding: Binding, now: Date): readonly Revision[] {
  const isAnnounced = !hasCome(binding.effectiveAt, now);
  const newest = {
    bindingId: binding.id,
    revision: binding.revision,
    policy: binding.policy,
    hash: binding.hash,
    config: binding.config as Json,
    selector: readSelector(binding.selector as Json),
    isSelectorKnown: isSelectorKnown(binding.selector as Json),
    noticeMs: Number(binding.noticeMs),
    effectiveAt: binding.effectiveAt,
    counts: binding.mode === 'ENFORCED' && !isAnnounced,
    binding,
  };
  const shown = binding.mode === 'PAUSED' ? [] : [newest];
  const before = binding.before as unknown as PreviousRevision | null;
  if (!isAnnounced || before === null || before.mode !== 'ENFORCED') return shown;
  return [...shown, { ...revisionFrom(binding, before), effectiveAt: binding.createdAt, counts: true }];
}

/** The fields of a selector. Without one that it does not know, a node would select more keys. */
const selectorFields: ReadonlySet<string> = new Set<keyof Selector>([
  'owners',
  'keyIds',
  'labels',
  'issuedBefore',
  'issuedAfter',
  'not',
]);

const selectorLabelFields: ReadonlySet<string> = new Set(['name', 'value']);

/** Whether this release knows every field of a stored selector. */
function isSelectorKnown(stored: Json | undefined): boolean {
  if (stored === undefined || stored === null) return true;
  if (typeof stored !== 'object' || Array.isArray(stored)) return false;
  const { labels, not } = stored as { readonly labels?: readonly object[] | null; readonly not?: Json };
  return (
    hasOnlyFields(stored, selectorFields) &&
    (labels ?? []).every((label) => hasOnlyFields(label, selectorLabelFields)) &&
    isSelectorKnown(not)
  );
}

/** Parses a stored selector, in which instants are text. */
export function readSelector(stored: Json): Selector | null {
  if (stored === null || typeof stored !== 'object' || Array.isArray(stored)) return null;
  const { issuedBefore, issuedAfter, not, ...rest } = stored as { readonly [name: string]: Json };
  const instant = (text: Json | undefined) => (typeof text === 'string' ? new Date(text) : null);
  return {
    ...(rest as Selector),
    issuedBefore: instant(issuedBefore),
    issuedAfter: instant(issuedAfter),
    not: readSelector(not ?? null),
  };
}
