import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { hasCome } from '../domain/key.ts';
import { chooseAtRenewal, askedFor, mayWorkAgain, type Ask, type Chosen } from '../domain/life.ts';
import { may } from '../domain/permission.ts';
import { stopReason } from '../domain/stop-reason.ts';
import type { RenewalMode, RenewalVerdict } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { judgeKey, judgeLife, storeJudgements, subjectFor, type JudgingCore } from './judge-key.ts';
import { EXCHANGED_REASON, isExchanged, renewalBounds } from '../domain/renewal-info.ts';
import { speaksAsNewest } from './calling-key.ts';
import { outOfBounds } from './expiry-bounds.ts';
import { parentOf, refuseOrphan, withinParent } from './family.ts';
import { notActive, openKey, type OpenKey } from './open-key.ts';
import { prepareRotation, startRotation, withNewSecret, type RotationInput } from './start-rotation.ts';
import { keyState, lifelineOf, subjectOf, targetOf } from './stored-key.ts';

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
export const renewKey = useCase<RenewKeyInput, OpenKey, KeyRenewed, JudgingCore>({
  name: 'renewKey',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.renew'),

  async run(change, caller, input, key) {
    const { now } = key;
    const request = { kind: 'RENEW', expiresAt: askedFor(input.ask, now)?.getTime() ?? null } as const;
    const { verdict } = await judgeKey(change, subjectFor(key), now, request);
    const parent = await parentOf(change, key.parentId);
    const refused = refuseRenewal(caller, key, verdict.renewal) ?? refuseOrphan(parent, now);
    if (refused !== null) return refused;
    const mode = chooseMode(verdict.renewal.mode, input.accept);
    if (mode === null) return fail('RotationRequired', 'Policy wants this key’s secret replaced with its renewal.');

    const bounds = withinParent(renewalBounds(verdict), parent, now);
    const chosen = chooseAtRenewal(input.ask, chosenOf(key), bounds, now);
    if ('asked' in chosen) return outOfBounds(chosen);
    const life = await judgeRenewal(change, mode === 'ROTATE' ? withNewSecret(key) : key, chosen);
    const over = refuseOver(life, now);
    if (over !== null) return over;
    const prepared = mode === 'ROTATE' ? await prepareRotation(change, caller, key, input) : null;
    if (prepared !== null && isFailure(prepared)) return prepared;

    const renewed = await writeRenewal(change, key, life);
    const told = { at: now, ...subjectOf(key), actor: actorOf(caller) };
    const data = {
      mode,
      from: key.expiresAt?.toISOString() ?? null,
      expiresAt: renewed.expiresAt?.toISOString() ?? null,
      stopsAt: renewed.stopsAt?.toISOString() ?? null,
      basis: renewed.stopsBasis,
    };
    change.tell({ ...told, type: 'KEY_RENEWED', data });
    await liftPolicyHold(change, key, told);
    if (prepared === null) return { keyId: key.id, previousRetiresAt: null };
    return { keyId: key.id, ...(await startRotation(change, caller, renewed, prepared)) };
  },
});

/** Why this caller may not renew this key now; null: it may. */
function refuseRenewal(caller: Caller, key: OpenKey, verdict: RenewalVerdict): Failure | null {
  const { now } = key;
  const state = keyState(key, now);
  const mayRevive =
    state === 'EXPIRED' &&
    mayWorkAgain(lifelineOf(key), now) &&
    caller.kind === 'ACCOUNT' &&
    may(caller, 'key.renewExpired', targetOf(key));
  if (state !== 'ACTIVE' && !mayRevive) return notActive(key, now);
  if (!speaksAsNewest(caller, key)) {
    return fail('RenewalNotAllowed', 'Only the current secret may renew its key; this one is on its way out.', {
      details: { allowedAt: null },
    });
  }
  if (isExchanged(key)) return fail('RenewalNotAllowed', EXCHANGED_REASON, { details: { allowedAt: null } });
  if (verdict.isAllowed) return null;
  return fail('RenewalNotAllowed', verdict.reason.sentence, { details: { allowedAt: verdict.allowedAt } });
}

/** The stricter of what policy wants and what the caller can do; null: the caller can't do what policy wants. */
function chooseMode(wanted: RenewalMode, accept: readonly RenewalMode[]): RenewalMode | null {
  if (wanted === 'EXTEND' && accept.includes('EXTEND')) return 'EXTEND';
  return accept.includes('ROTATE') ? 'ROTATE' : null;
}

function chosenOf({ chosenExpiresAt, lifetimeMs }: OpenKey): Chosen {
  return { chosenExpiresAt, lifetimeMs: lifetimeMs === null ? null : Number(lifetimeMs) };
}

/** To renew a key is to be active with it: its moments by use start anew, and so does its life, unless it stays the same. */
async function judgeRenewal(change: Change<JudgingCore>, key: OpenKey, chosen: Chosen) {
  const { now } = key;
  const { chosenExpiresAt, lifetimeMs } = chosen;
  const isSame = chosenExpiresAt !== null && chosenExpiresAt.getTime() === key.chosenExpiresAt?.getTime();
  const life = {
    chosenExpiresAt,
    lifetimeMs: lifetimeMs === null ? null : BigInt(lifetimeMs),
    grantedAt: isSame ? key.grantedAt : now,
    renewedAt: now,
    renewalCount: key.renewalCount + 1,
    activeAt: now,
    expiredAt: null,
    standing: 'ACTIVE' as const,
  };
  const isOver = keyState(key, now) === 'EXPIRED';
  return { life, ...(await judgeLife(change, { ...key, ...life }, now, { isOver })) };
}

type JudgedRenewal = Awaited<ReturnType<typeof judgeRenewal>>;

/** Why a renewal would be in vain: the key would have stopped already, by what policy says. Null: it lives. */
function refuseOver({ columns, verdict }: JudgedRenewal, now: Date): Failure | null {
  if (!hasCome(columns.stopsAt, now)) return null;
  const reason = stopReason(verdict, columns)?.sentence ?? 'The key would have stopped already.';
  return fail('RenewalNotAllowed', reason, { details: { allowedAt: null } });
}

async function writeRenewal(
  { tx }: Change<JudgingCore>,
  key: OpenKey,
  { life, columns, judgement }: JudgedRenewal,
): Promise<OpenKey> {
  const row = { ...life, ...columns };
  await tx.key.update({ where: { id: key.id }, data: row });
  if (judgement !== null) await storeJudgements(tx, [{ keyId: key.id, judgement }], key.now);
  return { ...key, ...row };
}

/** What dormancy held before it expired the key has no reason any more; what people held stays held. */
async function liftPolicyHold(
  { tx, tell }: Change,
  key: OpenKey,
  told: Omit<Parameters<Change['tell']>[0], 'type'>,
): Promise<void> {
  const { count } = await tx.hold.deleteMany({ where: { keyId: key.id, source: 'POLICY' } });
  if (count === 0) return;
  const data = { sources: ['POLICY'], isStillHeld: count < key.holds.length };
  tell({ ...told, type: 'KEY_RESUMED', data });
}
