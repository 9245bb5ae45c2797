import { randomUUID } from 'node:crypto';
import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Replaced } from '../../client/replace-secret.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { removeJournal, writeJournal, type Journal } from './journal.ts';
import type { RenewalRun } from './renewal-run.ts';
import { generateSealingPair, seal, unseal } from './seal.ts';

/** Writes down what is about to be asked, before it is. */
export async function beginRenewal(
  run: RenewalRun,
  action: Journal['action'],
  secret: Sensitive<string>,
): Promise<Journal> {
  return writeJournal(run.context.folders, run.registeredKey.name, await createJournal(run, action, secret));
}

/** Writes down that a secret has come which somebody else's rotation made: what is left is to bring it to its places. */
export async function beginDeployment(run: RenewalRun, secret: Sensitive<string>, { rotation }: OwnKey): Promise<void> {
  const journal = await createJournal(run, 'rotate', secret);
  await writeJournal(run.context.folders, run.registeredKey.name, {
    ...journal,
    step: 'RECEIVED',
    received: journal.previous,
    previousRetiresAt: rotation?.previousRetiresAt ?? null,
  });
}

async function createJournal(run: RenewalRun, action: Journal['action'], secret: Sensitive<string>): Promise<Journal> {
  const pair = await generateSealingPair();
  return {
    keyId: run.registeredKey.keyId,
    step: 'ASKED',
    action,
    idempotencyKey: `keytide renew ${randomUUID()}`,
    startedAt: run.context.now().toISOString(),
    gracePeriod: run.registeredKey.gracePeriod ?? null,
    ...pair,
    previous: await seal(pair.publicKey, secret),
    received: null,
    previousRetiresAt: null,
    graceMs: null,
    deployed: [],
    outcome: null,
  };
}

/**
 * Asks the gateway what the journal says, with the old secret, as often as it takes: under one idempotency key it is one
 * rotation, and answered alike. Gives the journal as it is then.
 *
 * An answer that cannot be repeated any more, a day later, is taken back: its secret was seen by nobody.
 */
export async function requestReplacement(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders } = run.context;
  const { name } = run.registeredKey;
  const replaced = await sendReplacement(run, journal);
  if (replaced.secretUnavailable) {
    return writeJournal(folders, name, { ...journal, step: 'TAKING_BACK' });
  }
  if (replaced.secret === null) return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'RENEWED' });
  const received = replaced.secret;
  if (parseSecret((await unseal(journal.privateKey, received)).reveal()) === null) {
    throw new CommandError(exitStatus.PROTOCOL, 'The gateway answered with something that is no secret.');
  }
  const { previousRetiresAt } = replaced;
  const graceMs = computeGraceMs(replaced);
  return writeJournal(folders, name, { ...journal, step: 'RECEIVED', received, previousRetiresAt, graceMs });
}

/** Null: it is over, as when the answer was long on its way. */
function computeGraceMs({ previousRetiresAt, key: { rotation } }: Replaced): number | null {
  if (previousRetiresAt === null || rotation === null) return null;
  return new Date(previousRetiresAt).getTime() - new Date(rotation.startedAt).getTime();
}

async function sendReplacement(run: RenewalRun, journal: Journal): Promise<Replaced> {
  const { idempotencyKey, publicKey, gracePeriod, action } = journal;
  const client = run.clientOf(await unseal(journal.privateKey, journal.previous));
  try {
    const replacement = { idempotencyKey, publicKey, gracePeriod };
    return await (action === 'renew' ? client.renew(replacement) : client.rotate(replacement));
  } catch (error) {
    // What a mutation was refused for has changed nothing, and is kept as its answer: the next run asks anew.
    if (error instanceof ClientError && (error.kind === 'FAILED' || error.code === 'BAD_USER_INPUT')) {
      await removeJournal(run.context.folders, run.registeredKey.name);
    }
    throw error;
  }
}
