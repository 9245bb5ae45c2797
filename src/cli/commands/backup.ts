import type { Command } from '../command.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';

/**
 * Backs up the gateway's database. Like `serve`, it reads the gateway's settings from the environment.
 *
 * With `--json`: `{ file, size, createdAt, position, tableCount, rowCount }`.
 */
export const backupCommand: Command = {
  declare(parser) {
    parser.argument('<file>', 'the new file; only its owner can read it');
    parser.option('--json', 'print the result as JSON');
  },
  async run({ env, output }, { arguments: [path] }) {
    process.noDeprecation = true;
    // Imported here, because no other command needs the gateway's modules.
    const [{ backUp }, { findExitStatus }] = await Promise.all([
      import('../../entry/backup.ts'),
      import('../../entry/exit-status.ts'),
    ]);
    try {
      const result = await backUp(env, path as string, (line) => process.stderr.write(line));
      output.json(result);
      output.line(
        `Wrote ${result.file}: ${result.rowCount} rows of ${result.tableCount} tables, as of ${result.createdAt}.`,
      );
      output.line(
        'It is of no use without the sealing key and the journal of revocations. Store each in another place.',
      );
      return exitStatus.OK;
    } catch (error) {
      const status = findExitStatus(error);
      if (status === null) throw error;
      throw new CommandError(status as ExitStatus, (error as Error).message, error);
    }
  },
};
