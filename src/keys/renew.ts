import type { Caller } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { expiredAt, plus } from '../domain/key.ts';
import { chooseAtRenewal, settle, type Ask } from '../domain/life.ts';
import { may } from '../domain/permission.ts';
import { nextReviewAt } from '../domain/review.ts';
import type { RenewalMode, RenewalVerdict } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { askPolicy } from '../policies/ask.ts';
import { boundsFor, outOfBounds } from './expiry-bounds.ts';
import { notActive, openKey } from './open-key.ts';
import { refuseRotation, startRotation, type RotationInput, type RotationStarted } from './start-rotation.ts';
import { keyState, lifelineOf, scheduledRotation, subjectOf, targetOf, type StoredKey } from './stored-key.ts';

/** How long after its expiry a signed-in manager can still renew a key. */
const REVIVAL_MS = 30 * DAY_MS;

export interface RenewKeyInput extends RotationInput {
  readonly keyId?: string | null;
  readonly ask: Ask;
  /** The modes that the caller can carry out. */
  readonly accept: readonly RenewalMode[];
}

export type KeyRenewed = {
  readonly keyId: string;
  readonly delivery?: Delivery;
  readonly previousRetiresAt: Date | null;
};

/** Moves a key's expiry out, never in (law 4). By ROTATE, which only callers get that accept it, the secret is replaced too. */
export const renewKey = useCase<RenewKeyInput, StoredKey, KeyRenewed>({
  name: 'renewKey',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.renew'),

  async run(change, caller, input, key) {
    const now = change.now();
    const verdict = askPolicy(key, now);
    const refused = refuseRenewal(caller, key, verdict.renewal, now);
    if (refused !== null) return refused;
    const mode = chooseMode(verdict.renewal.mode, input.accept);
    if (mode === null) return fail('RotationRequired', 'Policy wants this key’s secret replaced with its renewal.');

    const longestMs = Math.min(verdict.expiry.request.longestMs, verdict.renewal.longestMs);
    const bounds = await boundsFor(change, { ...verdict.expiry.request, longestMs }, key.parentId, now);
    const old = {
      chosenExpiresAt: key.chosenExpiresAt,
      lifetimeMs: key.lifetimeMs === null ? null : Number(key.lifetimeMs),
    };
    const chosen = chooseAtRenewal(input.ask, old, bounds, now);
    if ('asked' in chosen) return outOfBounds(chosen);
    const rotationRefused = mode === 'ROTATE' ? refuseRotation(caller, key, input, now) : null;
    if (rotationRefused !== null) return rotationRefused;

    const renewed = await writeRenewal(change, key, chosen, now);
    change.tell({
      type: 'KEY_RENEWED',
      at: now,
      ...subjectOf(key),
      actor: actorOf(caller),
      data: {
        mode,
        from: key.expiresAt?.toISOString() ?? null,
        expiresAt: renewed.expiresAt?.toISOString() ?? null,
        stopsAt: renewed.stopsAt?.toISOString() ?? null,
        basis: renewed.stopsBasis,
      },
    });
    const started: RotationStarted | null | Failure =
      mode === 'ROTATE' ? await startRotation(change, caller, renewed, input, now) : null;
    if (started === null) return { keyId: key.id, previousRetiresAt: null };
    return isFailure(started) ? started : { keyId: key.id, ...started };
  },
});

/** Why this caller may not renew this key now; null: it may. */
function refuseRenewal(caller: Caller, key: StoredKey, verdict: RenewalVerdict, now: Date): Failure | null {
  const state = keyState(key, now);
  const ended = expiredAt(lifelineOf(key), now);
  const mayRevive =
    state === 'EXPIRED' &&
    ended !== null &&
    now < plus(ended, REVIVAL_MS) &&
    caller.kind === 'ACCOUNT' &&
    may(caller, 'key.renewExpired', targetOf(key));
  if (state !== 'ACTIVE' && !mayRevive) return notActive(key, now);
  if (caller.kind === 'KEY' && !caller.isCurrent) {
    return fail('RenewalNotAllowed', 'Only the current secret may renew its key; this one is on its way out.', {
      details: { allowedAt: null },
    });
  }
  if (verdict.isAllowed) return null;
  return fail('RenewalNotAllowed', verdict.reason.sentence, { details: { allowedAt: verdict.allowedAt } });
}

/** The stricter of what policy wants and what the caller can do; null: the caller can't do what policy wants. */
function chooseMode(wanted: RenewalMode, accept: readonly RenewalMode[]): RenewalMode | null {
  if (wanted === 'EXTEND' && accept.includes('EXTEND')) return 'EXTEND';
  return accept.includes('ROTATE') ? 'ROTATE' : null;
}

async function writeRenewal(
  { tx }: Change,
  key: StoredKey,
  chosen: { readonly chosenExpiresAt: Date | null; readonly lifetimeMs: number | null },
  now: Date,
): Promise<StoredKey> {
  const isGranted =
    chosen.chosenExpiresAt?.getTime() !== key.chosenExpiresAt?.getTime() || chosen.chosenExpiresAt === null;
  const life = {
    ...key,
    chosenExpiresAt: chosen.chosenExpiresAt,
    lifetimeMs: chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs),
    grantedAt: isGranted ? now : key.grantedAt,
    activeAt: now,
    expiredAt: null,
    standing: 'ACTIVE' as const,
  };
  const verdict = askPolicy(life, now);
  const row = {
    chosenExpiresAt: life.chosenExpiresAt,
    lifetimeMs: life.lifetimeMs,
    grantedAt: life.grantedAt,
    activeAt: now,
    expiredAt: null,
    standing: life.standing,
    ...settle(chosen.chosenExpiresAt, verdict),
    reviewAt: nextReviewAt({ ...life, rotation: scheduledRotation(key, now) }, verdict, now),
  };
  await tx.key.update({ where: { id: key.id }, data: row });
  return { ...key, ...row };
}
