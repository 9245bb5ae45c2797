import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';

/** Starts the gateway, as `npm start` does. Its settings are in the environment. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'start the gateway',
  declare: () => undefined,
  async run() {
    // What its packages say of Node's future is not for whoever runs it.
    process.noDeprecation = true;
    // Only here: no other command needs what a gateway needs. It goes on until a signal ends it.
    await import('../../main.ts');
    return exitStatus.OK;
  },
};
