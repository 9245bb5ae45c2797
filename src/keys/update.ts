import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { earliest, plus } from '../domain/key.ts';
import { settle } from '../domain/life.ts';
import { nextReviewAt } from '../domain/review.ts';
import { includesScope, type Scope } from '../domain/scope.ts';
import { useCase } from '../log/use-case.ts';
import { askPolicy } from '../policies/ask.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { refuseMalformed } from './check-scopes.ts';
import { checkText } from '../domain/check-text.ts';
import { outOfBounds } from './expiry-bounds.ts';
import { notActive, openKey } from './open-key.ts';
import { keyState, scheduledRotation, scopesOf, subjectOf, type StoredKey } from './stored-key.ts';

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
export const updateKey = useCase<UpdateKeyInput, StoredKey, { readonly keyId: string }>({
  name: 'updateKey',

  async authorize(change, caller, input) {
    if (input.name != null) checkText('name', input.name, 100);
    if (input.scopes != null) refuseMalformed(input.scopes);
    return openKey(change, caller, input.keyId, 'key.update');
  },

  async run(change, caller, input, key) {
    const { tx } = change;
    const now = change.now();
    const present = await tx.label.findMany({ where: { keyId: key.id }, select: { name: true, value: true } });
    if (input.labels != null) checkLabels(caller, input.labels, present);
    const state = keyState(key, now);
    if (state === 'REVOKED' || state === 'EXPIRED') return notActive(key, now);
    const refused = refuseWidening(key, input) ?? refuseLater(key, input, now);
    if (refused !== null) return refused;

    const shortened = input.expiresAt == null ? null : shorten(key, input.expiresAt, now);
    await tx.key.update({
      where: { id: key.id },
      data: {
        ...(input.name != null && { name: input.name }),
        ...(input.scopes != null && { scopes: input.scopes.map(({ action, resource }) => ({ action, resource })) }),
        ...shortened,
      },
    });
    if (input.labels != null) {
      await tx.label.deleteMany({ where: { keyId: key.id } });
      await tx.label.createMany({ data: input.labels.map(({ name, value }) => ({ keyId: key.id, name, value })) });
    }
    tellUpdated(change, caller, key, input, now, shortened);
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

function refuseLater(key: StoredKey, { expiresAt }: UpdateKeyInput, now: Date): Failure | null {
  if (expiresAt == null) return null;
  const longest = plus(now, askPolicy(key, now).expiry.request.longestMs);
  const latest = earliest(key.expiresAt, longest) ?? longest;
  const soonest = plus(now, 1);
  return expiresAt < soonest || expiresAt > latest
    ? outOfBounds({ asked: expiresAt, earliest: soonest, latest })
    : null;
}

function shorten(key: StoredKey, expiresAt: Date, now: Date) {
  const life = { ...key, chosenExpiresAt: expiresAt };
  const verdict = askPolicy(life, now);
  return {
    chosenExpiresAt: expiresAt,
    // A key that had no lifetime of its own has one now: what a renewal that asks for nothing will give.
    lifetimeMs: key.lifetimeMs ?? BigInt(expiresAt.getTime() - now.getTime()),
    ...settle(expiresAt, verdict),
    reviewAt: nextReviewAt({ ...life, rotation: scheduledRotation(key, now) }, verdict, now),
  };
}

function tellUpdated(
  change: Parameters<typeof openKey>[0],
  caller: Caller,
  key: StoredKey,
  input: UpdateKeyInput,
  now: Date,
  shortened: ReturnType<typeof shorten> | null,
): void {
  const changed = (['name', 'labels', 'scopes', 'expiresAt'] as const).filter((field) => input[field] != null);
  change.tell({
    type: 'KEY_UPDATED',
    at: now,
    ...subjectOf(key),
    actor: actorOf(caller),
    data: {
      changed,
      ...(shortened !== null && {
        from: key.stopsAt?.toISOString() ?? null,
        stopsAt: shortened.stopsAt?.toISOString() ?? null,
        expiresAt: shortened.expiresAt?.toISOString() ?? null,
        basis: shortened.stopsBasis,
      }),
    },
  });
}
