import type { OwnKey } from '../../client/own-key.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { redeploySecret } from './deploy-secret.ts';
import { writeJournal, type Journal } from './journal.ts';
import { buildHookVariables, isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';
import { GIVE_UP_SHARE, computeElapsedShare } from './elapsed-share.ts';

/** How many times, a second apart, the gateway is asked whether it has seen the use of the secret by the prove hook. */
const PROOF_CHECK_COUNT = 10;

/** The result of a proof attempt. */
export type Proof =
  /** All required evidence is there. */
  | { readonly is: 'GIVEN'; readonly own: OwnKey; readonly secret: Sensitive<string> }
  /** The old secret has retired by itself, or another machine started the rotation: nothing is left to confirm. */
  | { readonly is: 'OVER'; readonly own: OwnKey }
  /** The prove hook has failed for so long that the rotation is to be rolled back. */
  | { readonly is: 'REFUTED'; readonly message: string }
  /** Some evidence is still missing. */
  | { readonly is: 'MISSING'; readonly own: OwnKey; readonly missing: string };

/**
 * Proves that the new secret works. The gateway must accept it as the current secret of the key. Every place that can
 * be read must hold it. The prove hook must exit with 0, once for each new secret. The gateway must have seen the
 * evidence that the setting `proof` requires. Reading the key with the new secret does not count as use: only
 * verifications do.
 *
 * @throws CommandError and ClientError if a check failed. The old secret stays valid.
 */
export async function proveSecret(run: RenewalRun, journal: Journal): Promise<Proof> {
  const secret = await unseal(journal.privateKey, journal.received ?? '');
  let own = await readConfirmedKey(run, secret);
  const current = withExtendedGrace(journal, own);
  for (const { place, holds } of run.places) {
    if ((await holds(secret)) === false) return redeploySecret(run, current, place);
  }
  if (own.rotation === null || journal.graceMs === null) return { is: 'OVER', own };
  const { prove: hook } = run.registeredKey.hooks;
  if (hook === undefined || journal.isProved === true) return assessProof(run, own, secret);
  try {
    await run.runHook(
      'prove',
      hook,
      buildHookVariables(run, { KEYTIDE_PREVIOUS_RETIRES_AT: own.rotation.previousRetiresAt }),
    );
  } catch (error) {
    const isLate = computeElapsedShare(current, run.context.now()) >= GIVE_UP_SHARE;
    if (!isLate || !(error instanceof CommandError)) throw error;
    return { is: 'REFUTED', message: error.message };
  }
  await writeJournal(run.context.folders, run.registeredKey.name, { ...journal, isProved: true });
  for (let attempt = 1; ; attempt += 1) {
    own = await readConfirmedKey(run, secret);
    const proof = assessProof(run, own, secret);
    if (proof.is !== 'MISSING' || attempt === PROOF_CHECK_COUNT) return proof;
    await run.context.pause(SECOND_MS);
  }
}

/** Updates the journal's grace period: the gateway may have extended it for consumers that still use the old secret. */
function withExtendedGrace(journal: Journal, { rotation }: OwnKey): Journal {
  if (rotation === null || journal.graceMs === null || journal.previousRetiresAt === null) return journal;
  const { previousRetiresAt } = rotation;
  const extensionMs = new Date(previousRetiresAt).getTime() - new Date(journal.previousRetiresAt).getTime();
  return { ...journal, previousRetiresAt, graceMs: journal.graceMs + extensionMs };
}

async function readConfirmedKey(run: RenewalRun, secret: Sensitive<string>): Promise<OwnKey> {
  const own = await run.clientOf(secret).ownKey();
  if (own.id === run.registeredKey.keyId && isCurrentSecret(secret, own)) return own;
  const found = 'The gateway does not report the new secret as the current secret of this key';
  throw new CommandError(
    exitStatus.UNAVAILABLE,
    `${found}: the key was rotated, or the rotation was undone, elsewhere.`,
  );
}

/**
 * Assesses the evidence. Consumers that have not moved are those seen only on the old secret. Use without a consumer
 * label counts as a consumer that has not moved.
 */
function assessProof({ registeredKey }: RenewalRun, own: OwnKey, secret: Sensitive<string>): Proof {
  const { rotation, secrets } = own;
  if (rotation === null) return { is: 'OVER', own };
  const isUsed = secrets.some(({ retiresAt, firstUsedAt }) => retiresAt === null && firstUsedAt !== null);
  const { notMoved, hasUnlabelled } = rotation;
  const missing = (found: string): Proof => ({ is: 'MISSING', own, missing: found });
  if (registeredKey.proof !== 'accepted' && !isUsed) return missing('no verifier has seen the new secret yet');
  if (registeredKey.proof !== 'moved') return { is: 'GIVEN', own, secret };
  if (notMoved.length > 0) return missing(`not seen on the new secret yet: ${notMoved.join(', ')}`);
  return hasUnlabelled ? missing('the old secret was used without a consumer label') : { is: 'GIVEN', own, secret };
}
