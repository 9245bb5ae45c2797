import type { Command } from '../command.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';

/**
 * Gives up what was sealed under a lost sealing key. Like `serve`, it reads the gateway's settings from the environment.
 *
 * With `--json`: `{ signingKeys, webhooks, repeatableSecrets, foreignSecrets }`, each a number.
 */
export const resealCommand: Command = {
  declare(parser) {
    parser.option('--json', 'print the result as JSON');
  },
  async run({ env, output }) {
    process.noDeprecation = true;
    // Imported here, because no other command needs the gateway's modules.
    const [{ reseal }, { findExitStatus }] = await Promise.all([
      import('../../entry/reseal.ts'),
      import('../../entry/exit-status.ts'),
    ]);
    try {
      const result = await reseal(env, (line) => process.stderr.write(line));
      const { signingKeys, webhooks, repeatableSecrets, foreignSecrets } = result;
      output.json(result);
      output.line(
        `Given up: signing keys ${signingKeys}, secrets of webhooks ${webhooks}, repeatable secrets ${repeatableSecrets}.`,
      );
      output.line('People sign in again. Each webhook concerned is paused: rotate its secret, then resume it.');
      if (foreignSecrets > 0) {
        output.note(
          `Warning: ${foreignSecrets} imported secrets of fewer than 128 random bits verify no more, because their digests depend on the lost key. Their keys stay: rotate each, and give its holder the new secret.`,
        );
      }
      return exitStatus.OK;
    } catch (error) {
      const status = findExitStatus(error);
      if (status === null) throw error;
      throw new CommandError(status as ExitStatus, (error as Error).message, error);
    }
  },
};
