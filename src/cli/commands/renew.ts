import { Option } from 'commander';
import { ClientError } from '../../client/client-error.ts';
import { DAY_MS, describeDuration, parseDuration } from '../../domain/duration.ts';
import { redact } from '../../logging/redact.ts';
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

/** How many history entries `--history` shows. */
const HISTORY_LINES_SHOWN = 50;

type NamedResult = RenewalResult & { readonly name: string };

/** The parsed options. */
interface Options {
  readonly dryRun?: true;
  readonly rotate?: true;
  readonly jitter?: string;
  readonly history?: true;
  readonly quiet?: true;
}

/**
 * Renews the registered keys that are due, independently of each other. Safe to run at any frequency, and to kill and
 * restart.
 *
 * With `--json`: `{ keys: [{ name, outcome, message, status, stopsAt }], status }`, with `--history` `{ history: [{ at,
 * name, outcome, message, status, stopsAt }] }`.
 */
export const renewCommand: Command = {
  declare(parser) {
    parser
      .argument('[names...]', 'names of the keys to renew; default: all')
      .option('--dry-run', 'ask the gateway, check every place and report what would be done, without a change')
      .option('--rotate', 'replace the secret now, even if it is not due')
      .addOption(new Option('--jitter <duration>', 'wait for a random time of at most this first, such as PT10M'))
      .option('--quiet', 'print nothing about keys that are not due')
      .option('--history', 'show the results of the last runs')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [givenNames], options }) {
    const { dryRun, rotate, jitter, history, quiet } = options as Options;
    const requestedNames = givenNames as readonly string[];
    for (const name of requestedNames) registeredKeyFile(context.folders, name);
    if (history === true) return showHistory(context, requestedNames);
    if (rotate === true && requestedNames.length === 0) {
      throw new CommandError(exitStatus.USAGE, '--rotate: found no names; expected the names of the keys to rotate.');
    }
    await waitForJitter(context, jitter);
    const runOptions = { isDryRun: dryRun === true, forcesRotation: rotate === true, isQuiet: quiet === true };
    const lock = runOptions.isDryRun ? null : await lockRuns(context.folders.state);
    try {
      return await renewAll(context, requestedNames, runOptions);
    } finally {
      lock?.release();
    }
  },
};

async function renewAll(
  context: CommandContext,
  requestedNames: readonly string[],
  runOptions: RenewalOptions & { readonly isQuiet: boolean },
): Promise<ExitStatus> {
  const { folders, output } = context;
  const names = requestedNames.length > 0 ? requestedNames : await listRegisteredKeyNames(folders);
  if (names.length === 0) {
    throw new CommandError(
      exitStatus.CONFIG,
      `No keys are registered in ${folders.config}: register one with keytide keep.`,
    );
  }
  const results: NamedResult[] = [];
  for (const name of names) {
    output.progress(name);
    const result = { name, ...(await renewByName(context, name, runOptions)) };
    results.push(result);
    output.progress(null);
    if (!runOptions.isDryRun) await recordResult(context, result);
  }
  const status = pickWorstExitStatus(results.map((result) => result.status));
  output.json({ keys: results, status });
  for (const { name, warnings = [] } of results) {
    for (const { message } of warnings) output.note(`${name}: ${redact(plainLine(message))}`);
  }
  const shownResults = results.filter(({ outcome }) => !runOptions.isQuiet || outcome !== 'NOT_DUE');
  if (shownResults.length === 0) return status;
  output.table(
    ['KEY', 'OUTCOME', ''],
    shownResults.map(({ name, outcome, message }) => [name, outcome, message]),
    '',
  );
  return status;
}

/**
 * Records a result in the history. The outcome NOT_DUE is recorded only after a failure, to show that the failure is
 * over. If the history cannot be written, the other keys are renewed nevertheless.
 */
async function recordResult({ folders, output, now }: CommandContext, result: NamedResult): Promise<void> {
  try {
    const [lastRun] = await readRunHistory(folders, [result.name], 1);
    if (result.outcome === 'NOT_DUE' && (lastRun === undefined || lastRun.status === exitStatus.OK)) return;
    await appendRunHistory(folders, { at: now().toISOString(), ...result });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.note(plainLine(error.message));
  }
}

/** Renews a key and turns every failure into a result, so that one key's failure does not stop the others. */
async function renewByName(context: CommandContext, name: string, runOptions: RenewalOptions): Promise<RenewalResult> {
  try {
    const result = await renewRegisteredKey(
      openRenewalRun(context, await readRegisteredKey(context.folders, name)),
      runOptions,
    );
    return { ...result, message: redact(plainLine(result.message)) };
  } catch (error) {
    const status = toExitStatus(error);
    const isUnreachable = error instanceof ClientError && error.isPassing;
    const thrown = error instanceof Error ? error : new Error(String(error));
    const message = status === null ? `A bug in this command: ${thrown.stack ?? thrown.message}` : thrown.message;
    return {
      outcome: isUnreachable ? 'UNREACHABLE' : 'FAILED',
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
  if (parsed.ms > DAY_MS) throw new CommandError(exitStatus.USAGE, `--jitter: found ${jitter}; expected at most P1D.`);
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
    'The history is empty.',
  );
  return exitStatus.OK;
}
