import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { earliest, plus } from '../domain/key.ts';
import { boundsOf } from '../domain/meet.ts';
import { includesScope, type Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { refuseMalformed } from './check-scopes.ts';
import { checkText } from '../domain/check-text.ts';
import { outOfBounds } from './expiry-bounds.ts';
import { refuseOutgrown } from './family.ts';
import { hasEnded, notActive, openKey, type OpenKey } from './open-key.ts';
import { judgeKey, rejudge, subjectFor, type JudgingCore } from './judge-key.ts';
import { rotationOf, scopesOf, subjectOf, type StoredKey } from './stored-key.ts';

/** What is left out stays as it is. */
export interface UpdateKeyInput {
  readonly keyId: string;
  readonly name?: string | null;
  /** All labels that the key is to have. */
  readonly labels?: readonly LabelInput[] | null;
  /** Fewer or narrower ones than it has. */
  readonly scopes?: readonly Scope[] | null;
  /** Earlier than it is. */
  readonly expiresAt?: Date | null;
}

/** Changes what a person may change of a key: its name and labels, and its scopes and expiry, which only ever shrink. */
export const updateKey = useCase<UpdateKeyInput, OpenKey, { readonly keyId: string }, JudgingCore>({
  name: 'updateKey',

  async authorize(change, caller, input) {
    if (input.name != null) checkText('name', input.name, 100);
    if (input.scopes != null) refuseMalformed(input.scopes);
    return openKey(change, caller, input.keyId, 'key.update');
  },

  async run(change, caller, input, key) {
    const { tx } = change;
    const { now } = key;
    const present = await tx.label.findMany({ where: { keyId: key.id }, select: { name: true, value: true } });
    if (input.labels != null) checkLabels(caller, input.labels, present);
    if (hasEnded(key)) return notActive(key, now);
    const refused =
      refuseWidening(key, input) ??
      (await refuseLater(change, key, input)) ??
      (await refuseOutgrown(change, key, input));
    if (refused !== null) return refused;
    const changed = (['name', 'labels', 'scopes', 'expiresAt'] as const).filter((field) => input[field] != null);
    if (changed.length === 0) return { keyId: key.id };

    const shortened = input.expiresAt == null ? null : await shorten(change, key, input.expiresAt);
    await tx.key.update({
      where: { id: key.id },
      data: {
        ...(input.name != null && { name: input.name }),
        ...(input.scopes != null && { scopes: input.scopes.map(({ action, resource }) => ({ action, resource })) }),
        ...shortened,
        // Policies choose keys by their labels.
        ...(input.labels != null && { reviewAt: now }),
      },
    });
    const previousRetiresAt = shortened === null ? null : await retireWithKey(change, key, shortened.expiresAt);
    if (input.labels != null) {
      await tx.label.deleteMany({ where: { keyId: key.id } });
      await tx.label.createMany({ data: input.labels.map(({ name, value }) => ({ keyId: key.id, name, value })) });
    }
    const data = {
      changed,
      ...(shortened !== null && stopsOf(key, shortened)),
      ...(previousRetiresAt !== null && { previousRetiresAt: previousRetiresAt.toISOString() }),
    };
    change.tell({ type: 'KEY_UPDATED', at: now, ...subjectOf(key), actor: actorOf(caller), data });
    return { keyId: key.id };
  },
});

function refuseWidening(key: StoredKey, { scopes }: UpdateKeyInput): Failure | null {
  const index = scopes?.findIndex((scope) => !includesScope(scopesOf(key), scope, key.realm)) ?? -1;
  if (index === -1) return null;
  const scope = scopes?.[index];
  return fail(
    'ScopeNotAllowed',
    `${scope?.action} on ${scope?.resource} is not known to lie within what the key has.`,
    {
      path: ['input', 'scopes', String(index)],
    },
  );
}

async function refuseLater(
  change: Change<JudgingCore>,
  key: OpenKey,
  { expiresAt }: UpdateKeyInput,
): Promise<Failure | null> {
  if (expiresAt == null) return null;
  const { now } = key;
  const { verdict } = await judgeKey(change, subjectFor(key), now);
  const longest = plus(now, boundsOf(verdict).longestMs);
  const latest = earliest(key.expiresAt, longest) ?? longest;
  const soonest = plus(now, 1);
  return expiresAt < soonest || expiresAt > latest
    ? outOfBounds({ asked: expiresAt, earliest: soonest, latest })
    : null;
}

async function shorten(change: Change<JudgingCore>, key: OpenKey, expiresAt: Date) {
  // A key that had no lifetime of its own has one now: what a renewal that asks for nothing will give.
  const lifetimeMs = key.lifetimeMs ?? BigInt(expiresAt.getTime() - key.now.getTime());
  const life = { chosenExpiresAt: expiresAt, lifetimeMs };
  const { columns } = await rejudge(change, { ...key, ...life }, key.now);
  return { ...life, ...columns };
}

/** A secret on its way out goes with its key at the latest. Returns when, if that is sooner than it was to be. */
async function retireWithKey({ tx }: Change, key: OpenKey, expiresAt: Date | null): Promise<Date | null> {
  const retiring = rotationOf(key, key.now)?.retiring;
  if (retiring === undefined || expiresAt === null || retiring.retiresAt <= expiresAt) return null;
  await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: expiresAt } });
  return expiresAt;
}

function stopsOf(key: OpenKey, { stopsAt, expiresAt, stopsBasis }: Awaited<ReturnType<typeof shorten>>) {
  return {
    from: key.stopsAt?.toISOString() ?? null,
    stopsAt: stopsAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    basis: stopsBasis,
  };
}
