import { Option } from 'commander';
import { ClientError } from '../../client/client-error.ts';
import { DAY_MS, describeDuration, parseDuration } from '../../domain/duration.ts';
import { scrub } from '../../scrub.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, exitStatus, statusOf, worstOf, type ExitStatus } from '../exit-status.ts';
import type { Ending } from '../keeping/ending.ts';
import { addHistory, readHistory } from '../keeping/history.ts';
import { keptFile, keptNames, readKept } from '../keeping/kept-key.ts';
import { lockRuns } from '../keeping/lock-runs.ts';
import { renewKept, type Wishes } from '../keeping/renew-kept.ts';
import { openRun } from '../keeping/run.ts';
import { plainLine } from '../output.ts';

/** How many lines of the history are shown. */
const SHOWN = 50;

type NamedEnding = Ending & { readonly name: string };

/** What the options are read as. */
interface Options {
  readonly dryRun?: true;
  readonly rotate?: true;
  readonly jitter?: string;
  readonly history?: true;
  readonly quiet?: true;
}

/**
 * Renews what is due of the keys that are kept, each apart. Safe to run as often as one likes, killed and started again.
 *
 * With `--json`: `{ keys: [{ name, outcome, message, status, stopsAt }], status }`, with `--history` `{ history: [{ at, name, outcome,
 * message, status, stopsAt }] }`.
 */
export const renew: Command = {
  name: 'renew',
  summary: 'renew what is due of the keys that are kept',
  declare(parser) {
    parser
      .argument('[names...]', 'which of the keys that are kept; all unless told')
      .option('--dry-run', 'all but the change: ask the gateway, check every place, say what would be done')
      .option('--rotate', 'replace the secret now, due or not')
      .addOption(new Option('--jitter <duration>', 'wait up to so long first, at random, such as PT10M'))
      .option('--quiet', 'say nothing of keys for which nothing was to be done')
      .option('--history', 'show what became of the last runs')
      .option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given], options }) {
    const { dryRun, rotate, jitter, history, quiet } = options as Options;
    const asked = given as readonly string[];
    for (const name of asked) keptFile(context.folders, name);
    if (history === true) return showHistory(context, asked);
    if (rotate === true && asked.length === 0) {
      throw new CommandError(exitStatus.USAGE, 'Say the names of the keys whose secrets are to be replaced now.');
    }
    await waitAtRandom(context, jitter);
    const wishes = { isDry: dryRun === true, wantsRotation: rotate === true, isQuiet: quiet === true };
    const lock = wishes.isDry ? null : await lockRuns(context.folders.state);
    try {
      return await renewAll(context, asked, wishes);
    } finally {
      lock?.release();
    }
  },
};

async function renewAll(
  context: Context,
  asked: readonly string[],
  wishes: Wishes & { readonly isQuiet: boolean },
): Promise<ExitStatus> {
  const { folders, output } = context;
  const names = asked.length > 0 ? asked : await keptNames(folders);
  if (names.length === 0) {
    throw new CommandError(exitStatus.CONFIG, `No key is kept in ${folders.config}: keytide keep takes one.`);
  }
  const endings: NamedEnding[] = [];
  for (const name of names) {
    output.progress(name);
    const ending = { name, ...(await renewOne(context, name, wishes)) };
    endings.push(ending);
    output.progress(null);
    if (!wishes.isDry && ending.outcome !== 'NOT_DUE') await noteEnding(context, ending);
  }
  const status = worstOf(endings.map((ending) => ending.status));
  output.json({ keys: endings, status });
  const shown = endings.filter(({ outcome }) => !wishes.isQuiet || outcome !== 'NOT_DUE');
  if (shown.length === 0) return status;
  output.table(
    ['KEY', 'OUTCOME', ''],
    shown.map(({ name, outcome, message }) => [name, outcome, message]),
    '',
  );
  return status;
}

/** A history that cannot be written keeps no key from being renewed. */
async function noteEnding({ folders, output, now }: Context, ending: NamedEnding): Promise<void> {
  try {
    await addHistory(folders, { at: now().toISOString(), ...ending });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.note(plainLine(error.message));
  }
}

/** One key, whose failure is its own. */
async function renewOne(context: Context, name: string, wishes: Wishes): Promise<Ending> {
  try {
    const ending = await renewKept(openRun(context, await readKept(context.folders, name)), wishes);
    return { ...ending, message: scrub(plainLine(ending.message)) };
  } catch (error) {
    const status = statusOf(error);
    const isAway = error instanceof ClientError && error.isPassing;
    const said = error instanceof Error ? error : new Error(String(error));
    const message = status === null ? `A fault of the command itself: ${said.stack ?? said.message}` : said.message;
    return {
      outcome: isAway ? 'UNREACHABLE' : 'FAILED',
      message: scrub(plainLine(message)),
      status: status ?? exitStatus.SOFTWARE,
      stopsAt: null,
    };
  }
}

async function waitAtRandom({ output, random, pause }: Context, jitter: string | undefined): Promise<void> {
  if (jitter === undefined) return;
  const parsed = parseDuration(jitter);
  if ('problem' in parsed) throw new CommandError(exitStatus.USAGE, `--jitter: ${parsed.problem}.`);
  if (parsed.ms > DAY_MS) throw new CommandError(exitStatus.USAGE, '--jitter: at most P1D is expected.');
  const ms = Math.floor(random() * parsed.ms);
  output.progress(`waiting ${describeDuration(ms)}`);
  await pause(ms);
  output.progress(null);
}

async function showHistory({ folders, output }: Context, names: readonly string[]): Promise<ExitStatus> {
  const history = await readHistory(folders, names, SHOWN);
  output.json({ history });
  output.table(
    ['AT', 'KEY', 'OUTCOME', ''],
    history.map(({ at, name, outcome, message }) => [at, name, outcome, message]),
    'Nothing has happened yet.',
  );
  return exitStatus.OK;
}
