import { ClientError } from '../../client/client-error.ts';
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
 * Goes on with a renewal from where its journal says, to its end or to where it has to wait. Each step may be begun again: it
 * then finds done what was done. Throws CommandError and ClientError; the journal stays.
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
    output.note(`${name}: ${proof.message} Time is up: the old secret goes back to its places.`);
    return continueRenewal(run, await writeJournal(folders, name, { ...journal, step: 'TAKING_BACK' }));
  }
  if (proof.is === 'MISSING') {
    await writeLastKnown(folders, name, proof.own, now());
    const until = proof.own.rotation?.previousRetiresAt ?? '';
    const message = `The new secret is in its places. The old one stays until ${until}: ${proof.missing}.`;
    return { outcome: 'WAITING', message, status: exitStatus.OK, stopsAt: proof.own.stopsAt };
  }
  if (proof.is === 'GIVEN') {
    await run
      .clientOf(proof.secret)
      .confirmRotation(`${journal.idempotencyKey} confirm`)
      .catch((error: unknown) => {
        // It has ended meanwhile, by its grace or by policy.
        if (!(error instanceof ClientError) || error.code !== 'ROTATION_NOT_PENDING') throw error;
      });
  }
  return continueRenewal(run, await writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'ROTATED' }));
}

const outcomeMessages = {
  RENEWED: 'Its expiry has moved out; the secret stays.',
  ROTATED: 'It has a new secret, which is proved.',
  TAKEN_BACK: 'The rotation was taken back: the old secret stays, and the next run tries again.',
} as const;

/** The hook at the end, which runs again when it fails or is killed, until the key is due again; then nothing is left of the renewal. */
async function finishRenewal(run: RenewalRun, { outcome, step }: Journal): Promise<RenewalResult> {
  if (outcome === null) throw new Error(`a renewal is ${step} without an outcome`);
  const { folders, now } = run.context;
  const own = await run.clientOf(await readStoredSecret(run.registeredKey)).ownKey();
  await writeLastKnown(folders, run.registeredKey.name, own, now());
  const { after } = run.registeredKey.hooks;
  const { stopsAt } = own;
  if (after !== undefined) {
    const facts = buildHookVariables(run, { KEYTIDE_OUTCOME: outcome, KEYTIDE_STOPS_AT: stopsAt });
    await run.runHook('after', after, facts).catch((error: unknown) => {
      // One that never succeeds would keep the key from its next renewal.
      if (!(error instanceof CommandError) || !isDue(own)) throw error;
      run.context.output.note(`${run.registeredKey.name}: ${error.message} It is due again: this hook is given up.`);
    });
  }
  await removeJournal(folders, run.registeredKey.name);
  const status = outcome === 'TAKEN_BACK' ? exitStatus.TEMPORARY : exitStatus.OK;
  return {
    outcome,
    message: `${outcomeMessages[outcome]} It stops at ${stopsAt ?? 'no moment that is known'}.`,
    status,
    stopsAt,
  };
}
