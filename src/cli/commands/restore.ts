import type { Command } from '../command.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';

/**
 * Restores a backup of the gateway's database. Like `serve`, it reads the gateway's settings from the environment.
 *
 * With `--json`: `{ restored }`, where `restored` is null or `{ file, createdAt, position, tableCount, rowCount }`.
 */
export const restoreCommand: Command = {
  name: 'restore',
  summary: 'restore a backup into an empty database',
  declare(parser) {
    parser.argument('[file]', 'the file that keytide backup wrote');
    parser.option('--json', 'print the result as JSON');
  },
  async run({ env, output }, { arguments: [file] }) {
    process.noDeprecation = true;
    const [{ restore }, { findExitStatus }] = await Promise.all([
      import('../../entry/restore.ts'),
      import('../../entry/exit-status.ts'),
    ]);
    const path = (file as string | undefined) ?? null;
    try {
      const result = await restore(env, { path }, (line) => process.stderr.write(line));
      const { restored } = result;
      output.json(result);
      if (restored !== null)
        output.line(
          `Restored ${restored.rowCount} rows of ${restored.tableCount} tables, as of ${restored.createdAt}.`,
        );
      return exitStatus.OK;
    } catch (error) {
      const status = findExitStatus(error);
      if (status === null) throw error;
      throw new CommandError(status as ExitStatus, (error as Error).message, error);
    }
  },
};
