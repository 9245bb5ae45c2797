import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';

/** Starts the gateway, like `npm start`. Its settings are environment variables. */
export const serveCommand: Command = {
  declare: () => undefined,
  async run() {
    // Deprecation warnings of dependencies are of no use to an operator.
    process.noDeprecation = true;
    // Imported here, because no other command needs the gateway's modules. The gateway runs until a signal ends the
    // process.
    await import('../../entry/serve.ts');
    return exitStatus.OK;
  },
};
