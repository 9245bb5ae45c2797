import { Option } from 'commander';
import { ClientError } from '../../client/client-error.ts';
import { DAY_MS, describeDuration, parseDuration } from '../../domain/duration.ts';
import { redact } from '../../redact.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus, toExitStatus, pickWorstExitStatus, type ExitStatus } from '../exit-status.ts';
import type { RenewalResult } from '../renewal/renewal-result.ts';
import { appendRunHistory, readRunHistory } from '../renewal/run-history.ts';
import { registeredKeyFile, listRegisteredKeyNames, readRegisteredKey } from '../renewal/registered-key.ts';
import { lockRuns } from '../renewal/lock-runs.ts';
import { renewRegisteredKey, type RenewalOptions } from '../renewal/renew-registered-key.ts';
import { openRenewalRun } from '../renewal/renewal-run.ts';
import { plainLine } from '../output.ts';

/** How many lines of the history are shown. */
const HISTORY_LINES_SHOWN = 50;

type NamedResult = RenewalResult & { readonly name: string };

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
export const renewCommand: Command = {
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
    for (const name of asked) registeredKeyFile(context.folders, name);
    if (history === true) return showHistory(context, asked);
    if (rotate === true && asked.length === 0) {
      throw new CommandError(exitStatus.USAGE, 'Say the names of the keys whose secrets are to be replaced now.');
    }
    await waitForJitter(context, jitter);
    const wishes = { isDryRun: dryRun === true, forcesRotation: rotate === true, isQuiet: quiet === true };
    const lock = wishes.isDryRun ? null : await lockRuns(context.folders.state);
    try {
      return await renewAll(context, asked, wishes);
    } finally {
      lock?.release();
    }
  },
};

async function renewAll(
  context: CommandContext,
  asked: readonly string[],
  wishes: RenewalOptions & { readonly isQuiet: boolean },
): Promise<ExitStatus> {
  const { folders, output } = context;
  const names = asked.length > 0 ? asked : await listRegisteredKeyNames(folders);
  if (names.length === 0) {
    throw new CommandError(exitStatus.CONFIG, `No key is kept in ${folders.config}: keytide keep takes one.`);
  }
  const endings: NamedResult[] = [];
  for (const name of names) {
    output.progress(name);
    const ending = { name, ...(await renewByName(context, name, wishes)) };
    endings.push(ending);
    output.progress(null);
    if (!wishes.isDryRun && ending.outcome !== 'NOT_DUE') await recordResult(context, ending);
  }
  const status = pickWorstExitStatus(endings.map((ending) => ending.status));
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
async function recordResult({ folders, output, now }: CommandContext, ending: NamedResult): Promise<void> {
  try {
    await appendRunHistory(folders, { at: now().toISOString(), ...ending });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.note(plainLine(error.message));
  }
}

/** One key, whose failure is its own. */
async function renewByName(context: CommandContext, name: string, wishes: RenewalOptions): Promise<RenewalResult> {
  try {
    const ending = await renewRegisteredKey(openRenewalRun(context, await readRegisteredKey(context.folders, name)), wishes);
    return { ...ending, message: redact(plainLine(ending.message)) };
  } catch (error) {
    const status = toExitStatus(error);
    const isAway = error instanceof ClientError && error.isPassing;
    const said = error instanceof Error ? error : new Error(String(error));
    const message = status === null ? `A fault of the command itself: ${said.stack ?? said.message}` : said.message;
    return {
      outcome: isAway ? 'UNREACHABLE' : 'FAILED',
      message: redact(plainLine(message)),
      status: status ?? exitStatus.SOFTWARE,
      stopsAt: null,
    };
  }
}

async function waitForJitter({ output, random, pause }: CommandContext, jitter: string | undefined): Promise<void> {
  if (jitter === undefined) return;
  const parsed = parseDuration(jitter);
  if ('problem' in parsed) throw new CommandError(exitStatus.USAGE, `--jitter: ${parsed.problem}.`);
  if (parsed.ms > DAY_MS) throw new CommandError(exitStatus.USAGE, '--jitter: at most P1D is expected.');
  const ms = Math.floor(random() * parsed.ms);
  output.progress(`waiting ${describeDuration(ms)}`);
  await pause(ms);
  output.progress(null);
}

async function showHistory({ folders, output }: CommandContext, names: readonly string[]): Promise<ExitStatus> {
  const history = await readRunHistory(folders, names, HISTORY_LINES_SHOWN);
  output.json({ history });
  output.table(
    ['AT', 'KEY', 'OUTCOME', ''],
    history.map(({ at, name, outcome, message }) => [at, name, outcome, message]),
    'Nothing has happened yet.',
  );
  return exitStatus.OK;
}
