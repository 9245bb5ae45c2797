import { randomUUID } from 'node:crypto';
import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Replaced } from '../../client/replace-secret.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { removeJournal, writeJournal, type Journal } from './journal.ts';
import type { Run } from './run.ts';
import { newSealingPair, seal, unseal } from './seal.ts';

/** Writes down what is about to be asked, before it is. */
export async function begin(run: Run, action: Journal['action'], secret: Sensitive<string>): Promise<Journal> {
  return writeJournal(run.context.folders, run.kept.name, await newJournal(run, action, secret));
}

/** Writes down that a secret has come which somebody else's rotation made: what is left is to bring it to its places. */
export async function beginWith(run: Run, secret: Sensitive<string>, { rotation }: OwnKey): Promise<void> {
  const journal = await newJournal(run, 'rotate', secret);
  await writeJournal(run.context.folders, run.kept.name, {
    ...journal,
    step: 'RECEIVED',
    received: journal.previous,
    previousRetiresAt: rotation?.previousRetiresAt ?? null,
  });
}

async function newJournal(run: Run, action: Journal['action'], secret: Sensitive<string>): Promise<Journal> {
  const pair = await newSealingPair();
  return {
    keyId: run.kept.keyId,
    step: 'ASKED',
    action,
    idempotencyKey: `keytide renew ${randomUUID()}`,
    startedAt: run.context.now().toISOString(),
    gracePeriod: run.kept.gracePeriod ?? null,
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
export async function obtain(run: Run, journal: Journal): Promise<Journal> {
  const { folders } = run.context;
  const { name } = run.kept;
  const replaced = await askAgain(run, journal);
  if (replaced.secretUnavailable) {
    return writeJournal(folders, name, { ...journal, step: 'TAKING_BACK' });
  }
  if (replaced.secret === null) return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'RENEWED' });
  const received = replaced.secret;
  if (parseSecret((await unseal(journal.privateKey, received)).reveal()) === null) {
    throw new CommandError(exitStatus.PROTOCOL, 'The gateway answered with something that is no secret.');
  }
  const { previousRetiresAt } = replaced;
  const graceMs = graceOf(replaced);
  return writeJournal(folders, name, { ...journal, step: 'RECEIVED', received, previousRetiresAt, graceMs });
}

/** Null: it is over, as when the answer was long on its way. */
function graceOf({ previousRetiresAt, key: { rotation } }: Replaced): number | null {
  if (previousRetiresAt === null || rotation === null) return null;
  return new Date(previousRetiresAt).getTime() - new Date(rotation.startedAt).getTime();
}

async function askAgain(run: Run, journal: Journal): Promise<Replaced> {
  const { idempotencyKey, publicKey, gracePeriod, action } = journal;
  const client = run.clientOf(await unseal(journal.privateKey, journal.previous));
  try {
    const replacement = { idempotencyKey, publicKey, gracePeriod };
    return await (action === 'renew' ? client.renew(replacement) : client.rotate(replacement));
  } catch (error) {
    // What a mutation was refused for has changed nothing, and is kept as its answer: the next run asks anew.
    if (error instanceof ClientError && (error.kind === 'FAILED' || error.code === 'BAD_USER_INPUT')) {
      await removeJournal(run.context.folders, run.kept.name);
    }
    throw error;
  }
}
