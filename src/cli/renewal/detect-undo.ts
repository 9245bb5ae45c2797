import { ClientError } from '../../client/client-error.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { writeJournal, type Journal } from './journal.ts';
import { isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';

/**
 * Checks, before a renewal continues, whether its rotation was undone elsewhere. The new secret, which may be in some
 * places already, has then ended or will end, so the journal moves to TAKING_BACK and the old secret is written back.
 * Returns the updated journal.
 *
 * While the gateway is unavailable, the renewal continues as if the rotation were pending.
 */
export async function detectUndo(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { privateKey, previous, received, step } = journal;
  if (received === null || (step !== 'RECEIVED' && step !== 'DEPLOYED')) return journal;
  if ((await isCurrentAtGateway(run, await unseal(privateKey, received))) !== false) return journal;
  if ((await isCurrentAtGateway(run, await unseal(privateKey, previous))) !== true) return journal;
  run.context.output.note(`${run.registeredKey.name}: the rotation was undone elsewhere.`);
  return writeJournal(run.context.folders, run.registeredKey.name, { ...journal, step: 'TAKING_BACK' });
}

/** Whether the gateway accepts a secret as this key's current one; null: the gateway gave no answer. */
async function isCurrentAtGateway(run: RenewalRun, secret: Sensitive<string>): Promise<boolean | null> {
  try {
    const own = await run.clientOf(secret).ownKey();
    return own.id === run.registeredKey.keyId && isCurrentSecret(secret, own);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return error.code === 'UNAUTHENTICATED' ? false : null;
  }
}
