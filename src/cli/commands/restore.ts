import type { Command } from '../command.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';
import type { Output } from '../output.ts';

/**
 * Restores a backup of the gateway's database, and replays the journal of revocations. Like `serve`, it reads the gateway's
 * settings from the environment.
 *
 * With `--json`: `{ restored, reconciled, isOlderThanJournal }`, where `restored` is null or
 * `{ file, createdAt, position, tableCount, rowCount }`, and `reconciled` is null or `{ keyCount, unknownKeyCount,
 * otherCount, passwordCount, endedSessionCount, missing }`.
 */
export const restoreCommand: Command = {
  declare(parser) {
    parser.argument('[file]', 'the file that keytide backup wrote');
    parser.option('--reconcile', 'replay the journal of revocations');
    parser.option('--json', 'print the result as JSON');
  },
  async run({ env, output }, { arguments: [file], options }) {
    process.noDeprecation = true;
    // Imported here, because no other command needs the gateway's modules.
    const [{ restore }, { replayJournal, requireJournal }, { findExitStatus }] = await Promise.all([
      import('../../entry/restore.ts'),
      import('../../entry/replay-journal.ts'),
      import('../../entry/exit-status.ts'),
    ]);
    const path = file as string | undefined;
    const reconciles = options['reconcile'] === true;
    if (path === undefined && !reconciles)
      throw new CommandError(exitStatus.USAGE, 'Found neither a file nor --reconcile; expected at least one of them.');
    const write = (line: string) => process.stderr.write(line);
    try {
      if (reconciles) requireJournal(env);
      const result = path === undefined ? null : await restore(env, path, write);
      if (result !== null) {
        const { rowCount, tableCount, createdAt } = result.restored;
        output.line(`Restored ${rowCount} rows of ${tableCount} tables, as of ${createdAt}.`);
      }
      const reconciled = reconciles ? await replayJournal(env, write) : null;
      const isOlderThanJournal = result?.isOlderThanJournal === true && !reconciles;
      output.json({ restored: result?.restored ?? null, reconciled, isOlderThanJournal });
      if (reconciled !== null) describeReconciled(output, reconciled);
      if (isOlderThanJournal)
        output.note('The database is older than its journal of revocations. Run: keytide restore --reconcile');
      return exitStatus.OK;
    } catch (error) {
      const status = findExitStatus(error);
      if (status === null) throw error;
      throw new CommandError(status as ExitStatus, (error as Error).message, error);
    }
  },
};

type Reconciled = Awaited<ReturnType<typeof import('../../entry/replay-journal.ts').replayJournal>>;

function describeReconciled(output: Output, reconciled: Reconciled): void {
  const { keyCount, unknownKeyCount, otherCount, passwordCount, endedSessionCount, missing } = reconciled;
  output.line(`Replayed the journal of revocations: keys ${keyCount}, others ${otherCount}.`);
  if (unknownKeyCount > 0) output.line(`Keys that were issued after the backup and are lost: ${unknownKeyCount}.`);
  if (endedSessionCount > 0) output.line(`Sessions that ended: ${endedSessionCount}. People sign in again.`);
  if (passwordCount > 0)
    output.line(`Accounts that need a new password: ${passwordCount}. Run: npm run reset-password -- <email>`);
  if (missing !== null)
    output.note(
      `The journal lacks the events ${missing.from} to ${missing.to}: revoke again what was revoked between the backup and the beginning of the journal.`,
    );
}
