import type { OwnKey } from '../../client/own-key.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { redeploySecret } from './deploy-secret.ts';
import type { Journal } from './journal.ts';
import { buildHookVariables, isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';
import { GIVE_UP_SHARE, computeElapsedShare } from './elapsed-share.ts';

/** How often it is asked whether the use by the prove hook has come through, a second apart. */
const PROOF_CHECK_COUNT = 10;

/** What a look at the new secret gave. */
export type Proof =
  /** All that has to be seen was seen. */
  | { readonly is: 'GIVEN'; readonly own: OwnKey; readonly secret: Sensitive<string> }
  /** The old secret has retired by itself, or the rotation is somebody else's: nothing is left to confirm. */
  | { readonly is: 'OVER'; readonly own: OwnKey }
  /** The prove hook has failed for so long that the rotation is to be taken back. */
  | { readonly is: 'REFUTED'; readonly message: string }
  /** Something is still to be seen. */
  | { readonly is: 'MISSING'; readonly own: OwnKey; readonly missing: string };

/**
 * Proves the new secret by using it: every place that tells what it holds has it, the key's own file first; the gateway takes
 * it as the one that stays this key's; the prove hook, which may use it where it counts, ends with 0; and the gateway has
 * seen what the configuration's `proof` names. Asking the gateway about itself is no use of a key: that is what verifiers see.
 *
 * @throws CommandError and ClientError where a proof failed. The old secret stays.
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
  if (hook === undefined) return assessProof(run, own, secret);
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
  for (let looked = 1; ; looked += 1) {
    own = await readConfirmedKey(run, secret);
    const proof = assessProof(run, own, secret);
    if (proof.is !== 'MISSING' || looked === PROOF_CHECK_COUNT) return proof;
    await run.context.pause(SECOND_MS);
  }
}

/** With the grace as it is by now: for consumers who have not moved the gateway extends it. */
function withExtendedGrace(journal: Journal, { rotation }: OwnKey): Journal {
  if (rotation === null || journal.graceMs === null || journal.previousRetiresAt === null) return journal;
  const { previousRetiresAt } = rotation;
  const longerMs = new Date(previousRetiresAt).getTime() - new Date(journal.previousRetiresAt).getTime();
  return { ...journal, previousRetiresAt, graceMs: journal.graceMs + longerMs };
}

async function readConfirmedKey(run: RenewalRun, secret: Sensitive<string>): Promise<OwnKey> {
  const own = await run.clientOf(secret).ownKey();
  if (own.id === run.registeredKey.keyId && isCurrentSecret(secret, own)) return own;
  const found = 'The gateway knows the new secret as one that does not stay this key’s';
  throw new CommandError(exitStatus.UNAVAILABLE, `${found}: somebody has rotated it or taken the rotation back.`);
}

/** Who is not known to have moved is told by rule 11: a consumer of the old secret, or use without a label. */
function assessProof({ registeredKey }: RenewalRun, own: OwnKey, secret: Sensitive<string>): Proof {
  const { rotation, secrets } = own;
  if (rotation === null) return { is: 'OVER', own };
  const isUsed = secrets.some(({ retiresAt, firstUsedAt }) => retiresAt === null && firstUsedAt !== null);
  const { notMoved, hasUnlabelled } = rotation;
  const missing = (found: string): Proof => ({ is: 'MISSING', own, missing: found });
  if (registeredKey.proof !== 'accepted' && !isUsed) return missing('no verifier has seen the new secret yet');
  if (registeredKey.proof !== 'moved') return { is: 'GIVEN', own, secret };
  if (notMoved.length > 0) return missing(`not seen on the new secret yet: ${notMoved.join(', ')}`);
  return hasUnlabelled
    ? missing('the old secret was used without a label, by nobody knows whom')
    : { is: 'GIVEN', own, secret };
}
