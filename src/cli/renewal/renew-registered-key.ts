import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus, toExitStatus } from '../exit-status.ts';
import type { RenewalResult } from './renewal-result.ts';
import { continueRenewal } from './continue-renewal.ts';
import { isDue } from './is-due.ts';
import { readJournal } from './journal.ts';
import { readLastKnown, writeLastKnown } from './last-known.ts';
import { detectUndo } from './detect-undo.ts';
import { beginRenewal } from './request-replacement.ts';
import { buildHookVariables, readStoredSecret, isCurrentSecret, type RenewalRun } from './renewal-run.ts';

/** Options of a run. */
export interface RenewalOptions {
  /** Check and report, without a change. */
  readonly isDryRun: boolean;
  /** Rotate now, even if the key is not due. */
  readonly forcesRotation: boolean;
}

/**
 * Renews a key if it is due, or continues a renewal that is in progress. Throws CommandError and ClientError; the
 * journal then has the last completed step.
 */
export async function renewRegisteredKey(run: RenewalRun, options: RenewalOptions): Promise<RenewalResult> {
  const { folders, now } = run.context;
  const journal = await readJournal(folders, run.registeredKey.name);
  if (journal !== null) {
    if (journal.keyId !== run.registeredKey.keyId) {
      const found = `A renewal of ${journal.keyId} is in progress, but ${run.registeredKey.name} is now the key ${run.registeredKey.keyId}`;
      throw new CommandError(
        exitStatus.CONFIG,
        `${found}: give the secret of ${journal.keyId} with keytide keep --replace.`,
      );
    }
    if (!options.isDryRun) return continueRenewal(run, await detectUndo(run, journal));
    return successResult(
      'WOULD_GO_ON',
      `A renewal that started at ${journal.startedAt} is in progress: step ${journal.step}.`,
      null,
    );
  }
  const secret = await readStoredSecret(run.registeredKey);
  let own: OwnKey;
  try {
    own = await run.clientOf(secret).ownKey();
  } catch (error) {
    return handleUnreachable(run, error);
  }
  if (own.id !== run.registeredKey.keyId) {
    const found = `The secret in ${run.registeredKey.secretFile} belongs to another key: found ${own.id}`;
    throw new CommandError(exitStatus.CONFIG, `${found}; expected ${run.registeredKey.keyId}.`);
  }
  await writeLastKnown(folders, run.registeredKey.name, own, now());
  if (options.isDryRun) for (const place of run.places) await place.check();
  const result =
    own.rotation === null ? await startIfDue(run, own, secret, options) : handleForeignRotation(own, secret);
  return own.warnings.length === 0 ? result : { ...result, warnings: own.warnings };
}

async function startIfDue(
  run: RenewalRun,
  own: OwnKey,
  secret: Sensitive<string>,
  options: RenewalOptions,
): Promise<RenewalResult> {
  const { renewalInfo, stopsAt } = own;
  const action = options.forcesRotation ? 'rotate' : isDue(own) ? 'renew' : null;
  if (action === null) {
    const dueText =
      renewalInfo.suggestedAt === null ? 'No renewal is advised' : `The key is due at ${renewalInfo.suggestedAt}`;
    const reasonText = renewalInfo.allowed ? '' : ` Renewal is not allowed now. ${renewalInfo.reason}`;
    return successResult(
      'NOT_DUE',
      `${dueText}; ${stopsAt === null ? 'it has no known stop moment' : `it stops at ${stopsAt}`}.${reasonText}`,
      stopsAt,
    );
  }
  if (options.isDryRun) {
    const isRotation = action === 'rotate' || renewalInfo.mode === 'ROTATE';
    return successResult(
      isRotation ? 'WOULD_ROTATE' : 'WOULD_RENEW',
      `${renewalInfo.reason} Nothing was changed.`,
      stopsAt,
    );
  }
  const { before } = run.registeredKey.hooks;
  if (before !== undefined) await run.runHook('before', before, buildHookVariables(run, { KEYTIDE_STOPS_AT: stopsAt }));
  return continueRenewal(run, await beginRenewal(run, action, secret));
}

/** Handles a pending rotation that was not started on this machine. */
function handleForeignRotation(own: OwnKey, secret: Sensitive<string>): RenewalResult {
  const { rotation, stopsAt } = own;
  const until = rotation?.previousRetiresAt ?? '';
  if (isCurrentSecret(secret, own)) {
    const found = isUndone(own)
      ? `A rotation was undone, and its secret works until ${until}: no rotation can start before`
      : `A rotation that was not started here is pending until ${until}`;
    return successResult('NOT_DUE', `${found}; the secret here is the current one.`, stopsAt);
  }
  const found = `The key was rotated elsewhere, and the secret here is valid until ${until}`;
  throw new CommandError(exitStatus.UNAVAILABLE, `${found}: give the new secret with keytide keep --replace.`);
}

/** Whether the pending rotation is one that was undone: a newer secret than the current one retires. */
function isUndone({ secrets }: OwnKey): boolean {
  const current = secrets.find(({ retiresAt }) => retiresAt === null);
  return secrets.some(({ generation }) => current !== undefined && generation > current.generation);
}

/** Reports the last known state if the gateway is unavailable; rethrows every other error. */
async function handleUnreachable(run: RenewalRun, error: unknown): Promise<RenewalResult> {
  if (!(error instanceof ClientError) || !error.isPassing) throw error;
  const lastKnown = await readLastKnown(run.context.folders, run.registeredKey.name);
  const stopsAt = lastKnown?.stopsAt ?? null;
  const hasStopped = stopsAt !== null && new Date(stopsAt) <= run.context.now();
  const validity = stopsAt === null ? 'The key has no known stop moment' : `The key is valid until ${stopsAt}`;
  const stateText = hasStopped ? `The key was due to stop at ${stopsAt}` : validity;
  return {
    outcome: 'UNREACHABLE',
    message: `${error.message} ${stateText}${lastKnown === null ? '' : `, as of ${lastKnown.askedAt}`}.`,
    status: hasStopped ? exitStatus.UNAVAILABLE : (toExitStatus(error) ?? exitStatus.TEMPORARY),
    stopsAt,
  };
}

function successResult(outcome: RenewalResult['outcome'], message: string, stopsAt: string | null): RenewalResult {
  return { outcome, message, stopsAt, status: exitStatus.OK };
}
