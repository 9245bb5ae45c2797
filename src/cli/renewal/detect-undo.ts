import { ClientError } from '../../client/client-error.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { writeJournal, type Journal } from './journal.ts';
import { isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';

/**
 * Looks, before a renewal is gone on with, whether somebody has taken its rotation back meanwhile. The new secret, which is in
 * its places by now, is then over or will be; the old one is good, and goes back to them. Gives the journal as it is then.
 *
 * While the gateway cannot be asked it is gone on with as if nobody had.
 */
export async function detectUndo(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { privateKey, previous, received, step } = journal;
  if (received === null || (step !== 'RECEIVED' && step !== 'DEPLOYED')) return journal;
  if ((await isCurrentAtGateway(run, await unseal(privateKey, received))) !== false) return journal;
  if ((await isCurrentAtGateway(run, await unseal(privateKey, previous))) !== true) return journal;
  run.context.output.note(`${run.registeredKey.name}: somebody has taken the rotation back.`);
  return writeJournal(run.context.folders, run.registeredKey.name, { ...journal, step: 'TAKING_BACK' });
}

/** Whether the gateway takes a secret as the one that stays this key's; null: it does not say. */
async function isCurrentAtGateway(run: RenewalRun, secret: Sensitive<string>): Promise<boolean | null> {
  try {
    const own = await run.clientOf(secret).ownKey();
    return own.id === run.registeredKey.keyId && isCurrentSecret(secret, own);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return error.code === 'UNAUTHENTICATED' ? false : null;
  }
}
