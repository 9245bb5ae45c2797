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

/** Writes the journal of a renewal before its request is sent. */
export async function beginRenewal(
  run: RenewalRun,
  action: Journal['action'],
  secret: Sensitive<string>,
): Promise<Journal> {
  return writeJournal(run.context.folders, run.registeredKey.name, await createJournal(run, action, secret));
}

/** Writes the journal for a secret of a rotation that another machine started: only its deployment is left. */
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
  const keyPair = await generateSealingPair();
  return {
    keyId: run.registeredKey.keyId,
    step: 'ASKED',
    action,
    idempotencyKey: `keytide renew ${randomUUID()}`,
    startedAt: run.context.now().toISOString(),
    gracePeriod: run.registeredKey.gracePeriod ?? null,
    ...keyPair,
    previous: await seal(keyPair.publicKey, secret),
    received: null,
    previousRetiresAt: null,
    graceMs: null,
    deployed: [],
    outcome: null,
  };
}

/**
 * Requests the renewal or rotation of the journal with the old secret. Repeats are safe: under one idempotency key the
 * gateway makes one rotation and returns the same response. Returns the updated journal.
 *
 * After a day the gateway cannot repeat the secret. The rotation is then rolled back, because no one has received its
 * secret.
 */
export async function requestReplacement(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders } = run.context;
  const { name } = run.registeredKey;
  const result = await sendReplacement(run, journal);
  if (result.secretUnavailable) {
    return writeJournal(folders, name, { ...journal, step: 'TAKING_BACK' });
  }
  if (result.secret === null) return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'RENEWED' });
  const received = result.secret;
  if (parseSecret((await unseal(journal.privateKey, received)).reveal()) === null) {
    throw new CommandError(exitStatus.PROTOCOL, 'The gateway returned a malformed secret.');
  }
  const { previousRetiresAt } = result;
  const graceMs = computeGraceMs(result);
  return writeJournal(folders, name, { ...journal, step: 'RECEIVED', received, previousRetiresAt, graceMs });
}

/**
 * Computes the length of the grace period in ms. Null: there is none, or it has ended already, for example because the
 * response was late.
 */
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
    // A refused mutation has changed nothing: the next run starts again, because the key may need another action then.
    if (error instanceof ClientError && (error.kind === 'FAILED' || error.code === 'BAD_USER_INPUT')) {
      await removeJournal(run.context.folders, run.registeredKey.name);
    }
    throw error;
  }
}
