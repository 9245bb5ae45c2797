import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus, statusOf } from '../exit-status.ts';
import type { Ending } from './ending.ts';
import { goOn } from './go-on.ts';
import { isDue } from './is-due.ts';
import { readJournal } from './journal.ts';
import { readLastKnown, remember } from './last-known.ts';
import { lookUndone } from './look-undone.ts';
import { begin } from './obtain.ts';
import { factsOf, readSecret, staysOf, type Run } from './run.ts';

/** What whoever called the command wants. */
export interface Wishes {
  /** All but the change. */
  readonly isDry: boolean;
  /** A new secret now, due or not. */
  readonly wantsRotation: boolean;
}

/** Does for one key what is due, or goes on with what was begun. Throws CommandError and ClientError; the journal then says how far it came. */
export async function renewKept(run: Run, wishes: Wishes): Promise<Ending> {
  const { folders, now } = run.context;
  const journal = await readJournal(folders, run.kept.name);
  if (journal !== null) {
    if (journal.keyId !== run.kept.keyId) {
      const found = `A renewal of ${journal.keyId} is under way, and ${run.kept.keyId} is kept as ${run.kept.name}`;
      throw new CommandError(exitStatus.CONFIG, `${found}: give me its secret by keytide keep --replace.`);
    }
    if (!wishes.isDry) return goOn(run, await lookUndone(run, journal));
    return ending('WOULD_GO_ON', `A renewal of ${journal.startedAt} is under way: ${journal.step}.`, null);
  }
  const secret = await readSecret(run.kept);
  let own: OwnKey;
  try {
    own = await run.clientOf(secret).ownKey();
  } catch (error) {
    return endUnasked(run, error);
  }
  if (own.id !== run.kept.keyId) {
    const found = `The secret in ${run.kept.secretFile} is of another key, ${own.id}`;
    throw new CommandError(exitStatus.CONFIG, `${found}: ${run.kept.keyId} was expected.`);
  }
  await remember(folders, run.kept.name, own, now());
  if (wishes.isDry) for (const place of run.places) await place.check();
  return own.rotation === null ? act(run, own, secret, wishes) : endForeign(own, secret);
}

async function act(run: Run, own: OwnKey, secret: Sensitive<string>, wishes: Wishes): Promise<Ending> {
  const { renewalInfo: info, stopsAt } = own;
  const action = wishes.wantsRotation ? 'rotate' : isDue(own) ? 'renew' : null;
  if (action === null) {
    const when = info.suggestedAt === null ? 'It needs no renewal' : `It is due on ${info.suggestedAt}`;
    const why = info.allowed ? '' : ` Renewing it is not allowed now. ${info.reason}`;
    return ending(
      'NOT_DUE',
      `${when}; it stops ${stopsAt === null ? 'by nothing that is known' : `at ${stopsAt}`}.${why}`,
      stopsAt,
    );
  }
  if (wishes.isDry) {
    const rotates = action === 'rotate' || info.mode === 'ROTATE';
    return ending(rotates ? 'WOULD_ROTATE' : 'WOULD_RENEW', `${info.reason} Nothing was changed.`, stopsAt);
  }
  const { before } = run.kept.hooks;
  if (before !== undefined) await run.runHook('before', before, factsOf(run, { KEYTIDE_STOPS_AT: stopsAt }));
  return goOn(run, await begin(run, action, secret));
}

/** Somebody else is rotating the key: nothing of it is known here. */
function endForeign(own: OwnKey, secret: Sensitive<string>): Ending {
  const { rotation, stopsAt } = own;
  const until = rotation?.previousRetiresAt ?? '';
  if (staysOf(secret, own)) {
    return ending(
      'NOT_DUE',
      `A rotation that was not begun here is pending until ${until}; the secret here stays.`,
      stopsAt,
    );
  }
  const found = `Somebody has rotated this key, and the secret here works until ${until}`;
  throw new CommandError(exitStatus.UNAVAILABLE, `${found}: give me the new one by keytide keep --replace.`);
}

/** The gateway did not answer: the key is as good as it was when it last did. Anything else it said is thrown on. */
async function endUnasked(run: Run, error: unknown): Promise<Ending> {
  if (!(error instanceof ClientError) || !error.isPassing) throw error;
  const known = await readLastKnown(run.context.folders, run.kept.name);
  const stopsAt = known?.stopsAt ?? null;
  const hasStopped = stopsAt !== null && new Date(stopsAt) <= run.context.now();
  const good = stopsAt === null ? 'No end of the key is known' : `The key is good until ${stopsAt}`;
  const said = hasStopped ? `The key was to stop at ${stopsAt}` : good;
  return {
    outcome: 'UNREACHABLE',
    message: `${error.message} ${said}, as of ${known?.askedAt ?? 'never'}.`,
    status: hasStopped ? exitStatus.UNAVAILABLE : (statusOf(error) ?? exitStatus.TEMPORARY),
    stopsAt,
  };
}

function ending(outcome: Ending['outcome'], message: string, stopsAt: string | null): Ending {
  return { outcome, message, stopsAt, status: exitStatus.OK };
}
