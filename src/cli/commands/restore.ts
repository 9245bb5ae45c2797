import type { Command } from '../command.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';

/**
 * Restores a backup of the gateway's database. Like `serve`, it reads the gateway's settings from the environment.
 *
 * With `--json`: `{ restored }`, where `restored` is `{ file, createdAt, position, tableCount, rowCount }`.
 */
export const restoreCommand: Command = {
  name: 'restore',
  summary: 'restore a backup into an empty database',
  declare(parser) {
    parser.argument('<file>', 'the file that keytide backup wrote');
    parser.option('--json', 'print the result as JSON');
  },
  async run({ env, output }, { arguments: [file] }) {
    process.noDeprecation = true;
    const [{ restore }, { findExitStatus }] = await Promise.all([
      import('../../entry/restore.ts'),
      import('../../entry/exit-status.ts'),
    ]);
    try {
      const result = await restore(env, file as string, (line) => process.stderr.write(line));
      const { rowCount, tableCount, createdAt } = result.restored;
      output.json(result);
      output.line(`Restored ${rowCount} rows of ${tableCount} tables, as of ${createdAt}.`);
      return exitStatus.OK;
    } catch (error) {
      const status = findExitStatus(error);
      if (status === null) throw error;
      throw new CommandError(status as ExitStatus, (error as Error).message, error);
    }
  },
};
