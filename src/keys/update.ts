import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { earliest, addMs } from '../domain/key.ts';
import { boundsOf } from '../domain/meet.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import { includesScope, type Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkNotEnded } from './action-checks.ts';
import { changeLabels, type LabelChange } from './check-labels.ts';
import { checkScopes } from './check-scopes.ts';
import { checkAllowedAddresses, countsFrom } from './key-restrictions.ts';
import { changedNoteColumns, checkDescription, type KeyNotes } from './key-notes.ts';
import { checkText } from '../domain/check-text.ts';
import { expiryOutOfBounds } from './expiry-bounds.ts';
import { refuseOutgrownChildren } from './parent-limits.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { toEventFields } from './update-event.ts';
import { evaluateKey, reevaluateKey, evaluationInputOf, type PolicyCore } from './apply-policies.ts';
import { rotationOf, scopesOf, eventSubjectOf, type KeyRow } from './key-row.ts';

/** Fields that are left out stay as they are. */
export interface UpdateKeyInput extends LabelChange, KeyNotes {
  /** Addresses and ranges from which the key may be used from now on. Empty: from anywhere. */
  readonly allowedAddresses?: readonly string[] | null;
  readonly keyId: string;
  readonly name?: string | null;
  /** Fewer or narrower scopes than it has. */
  readonly scopes?: readonly Scope[] | null;
  /** Not later than the present expiry. */
  readonly expiresAt?: Date | null;
}

/** The fields that an update can set, as its event names them. */
const changeableFields = [
  'name',
  'description',
  'metadata',
  'labels',
  'scopes',
  'allowedAddresses',
  'expiresAt',
] as const;

/**
 * Changes a key's name, notes and labels; narrows its scopes; shortens its expiry. The shortening needs no notice, because no
 * policy causes it.
 */
export const updateKey = useCase<UpdateKeyInput, LockedKey, { readonly keyId: string }, PolicyCore>()({
  name: 'updateKey',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    if (input.name != null) checkText('name', input.name, 100);
    if (input.scopes != null) checkScopes(input.scopes);
    checkDescription(input);
    if (input.allowedAddresses != null) checkAllowedAddresses(input.allowedAddresses);
    return lockKeyForCaller(change, caller, input.keyId, 'UPDATE');
  },

  async run(change, caller, input, key) {
    const { rows } = change;
    const { now } = key;
    const present = key.labels.map(({ name, value }) => ({ name, value }));
    const labels = changeLabels(caller, input, present);
    const refused =
      checkNotEnded(caller, key) ??
      refuseWidening(key, input) ??
      (await refuseLater(change, key, input)) ??
      (await refuseOutgrownChildren(change, key, input));
    if (refused !== null) return refused;
    const allowedAddresses = input.allowedAddresses == null ? null : checkAllowedAddresses(input.allowedAddresses);
    const requested = { ...input, labels };
    const changed = changeableFields.filter((field) => requested[field] != null);
    if (changed.length === 0) return { keyId: key.id };

    const shortened = input.expiresAt == null ? null : await shorten(change, key, input.expiresAt);
    rows.update('Key', {
      id: key.id,
      ...(input.name != null && { name: input.name }),
      ...changedNoteColumns(input),
      ...(input.scopes != null && { scopes: input.scopes.map(({ action, resource }) => ({ action, resource })) }),
      ...(allowedAddresses !== null && { allowedAddresses: [...allowedAddresses] }),
      ...shortened,
      // Selectors match labels: the review applies the bindings that now select the key, and drops those that no longer
      // do.
      ...(labels !== null && { reviewAt: now }),
    });
    const previousRetiresAt = shortened === null ? null : retireNoLaterThanKey(change, key, shortened.expiresAt);
    if (labels !== null) {
      rows.delete('Label', 'keyId', key.id);
      rows.insert('Label', ...labels.map(({ name, value }) => ({ keyId: key.id, name, value })));
    }
    const before = {
      name: key.name,
      labels: present,
      scopes: scopesOf(key),
      expiresAt: key.expiresAt,
      allowedAddresses: key.allowedAddresses,
    };
    const after = {
      name: input.name ?? before.name,
      labels: labels ?? before.labels,
      scopes: input.scopes ?? before.scopes,
      expiresAt: shortened === null ? before.expiresAt : shortened.expiresAt,
      allowedAddresses: allowedAddresses ?? before.allowedAddresses,
    };
    const data = {
      changed,
      ...pickChanged(changed, toEventFields(before), toEventFields(after)),
      ...(shortened !== null && stopEventData(key, shortened)),
      ...(previousRetiresAt !== null && { previousRetiresAt: previousRetiresAt.toISOString() }),
    };
    change.record({ type: 'KEY_UPDATED', at: now, ...eventSubjectOf(key), actor: actorOf(caller), data });
    return { keyId: key.id };
  },
});

function refuseWidening(key: KeyRow, { scopes }: UpdateKeyInput): Failure<'ScopeNotAllowed'> | null {
  const index = scopes?.findIndex((scope) => !includesScope(scopesOf(key), scope, key.realm)) ?? -1;
  if (index === -1) return null;
  const scope = scopes?.[index];
  return fail(
    'ScopeNotAllowed',
    `${scope?.action} on ${scope?.resource} is not provably within the scopes of the key.`,
    {
      path: ['input', 'scopes', String(index)],
      remedy: 'An update only narrows scopes: issue a new key for wider ones.',
    },
  );
}

/** What bounds the expiry of an update. */
const UPDATE_SHORTENS = 'An update only shortens the life of a key; renewKey lengthens it.';

async function refuseLater(
  change: Change<PolicyCore>,
  key: LockedKey,
  { expiresAt }: UpdateKeyInput,
): Promise<Failure<'ExpiryOutOfBounds'> | null> {
  if (expiresAt == null) return null;
  const { now } = key;
  const { verdict } = await evaluateKey(change, evaluationInputOf(key), now);
  const longest = addMs(countsFrom(key, now), boundsOf(verdict).longestMs);
  const latest = earliest(key.expiresAt, longest) ?? longest;
  // The modules may have taken long: an expiry that has come meanwhile would end the key in the past.
  const soonest = addMs(countsFrom(key, change.now()), 1);
  return expiresAt < soonest || expiresAt > latest
    ? expiryOutOfBounds({ requested: expiresAt, earliest: soonest, latest }, UPDATE_SHORTENS)
    : null;
}

async function shorten(change: Change<PolicyCore>, key: LockedKey, expiresAt: Date) {
  // A key without a lifetime gets one here: renewals that request no expiry grant it.
  const lifetimeMs = key.lifetimeMs ?? BigInt(expiresAt.getTime() - countsFrom(key, key.now).getTime());
  const life = { chosenExpiresAt: expiresAt, lifetimeMs };
  const { columns } = await reevaluateKey(change, { ...key, ...life }, key.now);
  return { ...life, ...columns };
}

/**
 * Retires the old secret of a pending rotation at the key's expiry, if that is earlier. Returns the new moment, or null
 * if it stays.
 */
function retireNoLaterThanKey({ rows }: Change, key: LockedKey, expiresAt: Date | null): Date | null {
  const retiring = rotationOf(key, key.now)?.retiring;
  if (retiring === undefined || expiresAt === null || retiring.retiresAt <= expiresAt) return null;
  rows.update('Secret', { id: retiring.id, retiresAt: expiresAt });
  return expiresAt;
}

function stopEventData(key: LockedKey, { stopsAt, expiresAt, stopsBasis }: Awaited<ReturnType<typeof shorten>>) {
  return {
    from: key.stopsAt?.toISOString() ?? null,
    stopsAt: stopsAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    basis: stopsBasis,
  };
}
