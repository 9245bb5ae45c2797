import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { deploySecret } from './deploy-secret.ts';
import type { RenewalResult } from './renewal-result.ts';
import { isDue } from './is-due.ts';
import { removeJournal, writeJournal, type Journal } from './journal.ts';
import { writeLastKnown } from './last-known.ts';
import { requestReplacement } from './request-replacement.ts';
import { proveSecret } from './prove-secret.ts';
import { buildHookVariables, readStoredSecret, type RenewalRun } from './renewal-run.ts';
import { rollBack } from './roll-back.ts';

/**
 * Continues a renewal from the step in its journal, until it ends or has to wait. Every step is idempotent. Throws
 * CommandError and ClientError; the journal then stays.
 */
export async function continueRenewal(run: RenewalRun, journal: Journal): Promise<RenewalResult> {
  switch (journal.step) {
    case 'ASKED':
      return continueRenewal(run, await requestReplacement(run, journal));
    case 'RECEIVED':
      return continueRenewal(run, await deploySecret(run, journal));
    case 'DEPLOYED':
      return proveAndConfirm(run, journal);
    case 'TAKING_BACK':
      return continueRenewal(run, await rollBack(run, journal));
    case 'DONE':
      return finishRenewal(run, journal);
  }
}

async function proveAndConfirm(run: RenewalRun, journal: Journal): Promise<RenewalResult> {
  const proof = await proveSecret(run, journal);
  const { folders, now, output } = run.context;
  const { name } = run.registeredKey;
  if (proof.is === 'REFUTED') {
    output.note(`${name}: ${proof.message} Too little of the grace period is left: rolling back to the old secret.`);
    return continueRenewal(run, await writeJournal(folders, name, { ...journal, step: 'TAKING_BACK' }));
  }
  if (proof.is === 'MISSING') {
    await writeLastKnown(folders, name, proof.own, now());
    const until = proof.own.rotation?.previousRetiresAt ?? '';
    const message = `The new secret is in its places. The old one stays valid until ${until}: ${proof.missing}.`;
    return { outcome: 'WAITING', message, status: exitStatus.OK, stopsAt: proof.own.stopsAt };
  }
  if (proof.is === 'GIVEN') {
    await run
      .clientOf(proof.secret)
      .confirmRotation(`${journal.idempotencyKey} confirm`)
      .catch((error: unknown) => {
        // The rotation has ended meanwhile, by its grace period or by policy.
        if (!(error instanceof ClientError) || error.code !== 'ROTATION_NOT_PENDING') throw error;
      });
  }
  return continueRenewal(run, await writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'ROTATED' }));
}

const outcomeMessages = {
  RENEWED: 'The expiry was extended; the secret is unchanged.',
  ROTATED: 'The key has a new secret, which is deployed to all places.',
  TAKEN_BACK: 'The rotation was rolled back: the old secret stays current.',
} as const;

/** Describes when the key rotates again after an undone rotation. */
function describeNextRotation(own: OwnKey): string {
  const { rotation, renewalInfo } = own;
  // A new secret that was used works for another grace period. The next rotation has to wait until that ends.
  if (rotation !== null)
    return ` The new secret works until ${rotation.previousRetiresAt}; no rotation can start before.`;
  if (isDue(own)) return ' The next run tries again.';
  return renewalInfo.suggestedAt === null ? '' : ` The key is due again at ${renewalInfo.suggestedAt}.`;
}

/**
 * Runs the `after` hook, removes the journal and returns the result. A hook that fails or is killed runs again in the
 * next run, until the key is due again.
 */
async function finishRenewal(run: RenewalRun, { outcome, step }: Journal): Promise<RenewalResult> {
  if (outcome === null) throw new Error(`journal step ${step} without an outcome`);
  const { folders, now } = run.context;
  const own = await run.clientOf(await readStoredSecret(run.registeredKey)).ownKey();
  await writeLastKnown(folders, run.registeredKey.name, own, now());
  const { after } = run.registeredKey.hooks;
  const { stopsAt } = own;
  if (after !== undefined) {
    const variables = buildHookVariables(run, { KEYTIDE_OUTCOME: outcome, KEYTIDE_STOPS_AT: stopsAt });
    await run.runHook('after', after, variables).catch((error: unknown) => {
      // A hook that never succeeds must not prevent the next renewal.
      if (!(error instanceof CommandError) || !isDue(own)) throw error;
      run.context.output.note(
        `${run.registeredKey.name}: ${error.message} The key is due again: the hook is not retried.`,
      );
    });
  }
  await removeJournal(folders, run.registeredKey.name);
  const status = outcome === 'TAKEN_BACK' ? exitStatus.TEMPORARY : exitStatus.OK;
  return {
    outcome,
    message: `${outcomeMessages[outcome]}${outcome === 'TAKEN_BACK' ? describeNextRotation(own) : ''} ${stopsAt === null ? 'It has no known stop moment' : `It stops at ${stopsAt}`}.`,
    status,
    stopsAt,
  };
}
