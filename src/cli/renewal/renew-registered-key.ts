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

/** What whoever called the command wants. */
export interface RenewalOptions {
  /** All but the change. */
  readonly isDryRun: boolean;
  /** A new secret now, due or not. */
  readonly forcesRotation: boolean;
}

/** Does for one key what is due, or goes on with what was begun. Throws CommandError and ClientError; the journal then says how far it came. */
export async function renewRegisteredKey(run: RenewalRun, wishes: RenewalOptions): Promise<RenewalResult> {
  const { folders, now } = run.context;
  const journal = await readJournal(folders, run.registeredKey.name);
  if (journal !== null) {
    if (journal.keyId !== run.registeredKey.keyId) {
      const found = `A renewal of ${journal.keyId} is under way, and ${run.registeredKey.keyId} is kept as ${run.registeredKey.name}`;
      throw new CommandError(exitStatus.CONFIG, `${found}: give me its secret by keytide keep --replace.`);
    }
    if (!wishes.isDryRun) return continueRenewal(run, await detectUndo(run, journal));
    return successResult('WOULD_GO_ON', `A renewal of ${journal.startedAt} is under way: ${journal.step}.`, null);
  }
  const secret = await readStoredSecret(run.registeredKey);
  let own: OwnKey;
  try {
    own = await run.clientOf(secret).ownKey();
  } catch (error) {
    return handleUnreachable(run, error);
  }
  if (own.id !== run.registeredKey.keyId) {
    const found = `The secret in ${run.registeredKey.secretFile} is of another key, ${own.id}`;
    throw new CommandError(exitStatus.CONFIG, `${found}: ${run.registeredKey.keyId} was expected.`);
  }
  await writeLastKnown(folders, run.registeredKey.name, own, now());
  if (wishes.isDryRun) for (const place of run.places) await place.check();
  return own.rotation === null ? startIfDue(run, own, secret, wishes) : handleForeignRotation(own, secret);
}

async function startIfDue(
  run: RenewalRun,
  own: OwnKey,
  secret: Sensitive<string>,
  wishes: RenewalOptions,
): Promise<RenewalResult> {
  const { renewalInfo: info, stopsAt } = own;
  const action = wishes.forcesRotation ? 'rotate' : isDue(own) ? 'renew' : null;
  if (action === null) {
    const when = info.suggestedAt === null ? 'It needs no renewal' : `It is due on ${info.suggestedAt}`;
    const why = info.allowed ? '' : ` Renewing it is not allowed now. ${info.reason}`;
    return successResult(
      'NOT_DUE',
      `${when}; it stops ${stopsAt === null ? 'by nothing that is known' : `at ${stopsAt}`}.${why}`,
      stopsAt,
    );
  }
  if (wishes.isDryRun) {
    const rotates = action === 'rotate' || info.mode === 'ROTATE';
    return successResult(rotates ? 'WOULD_ROTATE' : 'WOULD_RENEW', `${info.reason} Nothing was changed.`, stopsAt);
  }
  const { before } = run.registeredKey.hooks;
  if (before !== undefined) await run.runHook('before', before, buildHookVariables(run, { KEYTIDE_STOPS_AT: stopsAt }));
  return continueRenewal(run, await beginRenewal(run, action, secret));
}

/** Somebody else is rotating the key: nothing of it is known here. */
function handleForeignRotation(own: OwnKey, secret: Sensitive<string>): RenewalResult {
  const { rotation, stopsAt } = own;
  const until = rotation?.previousRetiresAt ?? '';
  if (isCurrentSecret(secret, own)) {
    return successResult(
      'NOT_DUE',
      `A rotation that was not begun here is pending until ${until}; the secret here stays.`,
      stopsAt,
    );
  }
  const found = `Somebody has rotated this key, and the secret here works until ${until}`;
  throw new CommandError(exitStatus.UNAVAILABLE, `${found}: give me the new one by keytide keep --replace.`);
}

/** The gateway did not answer: the key is as good as it was when it last did. Anything else it said is thrown on. */
async function handleUnreachable(run: RenewalRun, error: unknown): Promise<RenewalResult> {
  if (!(error instanceof ClientError) || !error.isPassing) throw error;
  const known = await readLastKnown(run.context.folders, run.registeredKey.name);
  const stopsAt = known?.stopsAt ?? null;
  const hasStopped = stopsAt !== null && new Date(stopsAt) <= run.context.now();
  const good = stopsAt === null ? 'No end of the key is known' : `The key is good until ${stopsAt}`;
  const said = hasStopped ? `The key was to stop at ${stopsAt}` : good;
  return {
    outcome: 'UNREACHABLE',
    message: `${error.message} ${said}, as of ${known?.askedAt ?? 'never'}.`,
    status: hasStopped ? exitStatus.UNAVAILABLE : (toExitStatus(error) ?? exitStatus.TEMPORARY),
    stopsAt,
  };
}

function successResult(outcome: RenewalResult['outcome'], message: string, stopsAt: string | null): RenewalResult {
  return { outcome, message, stopsAt, status: exitStatus.OK };
}
