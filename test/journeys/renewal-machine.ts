import { Readable, Writable } from 'node:stream';
import { keepCommand } from '../../src/cli/commands/keep.ts';
import { renewCommand } from '../../src/cli/commands/renew.ts';
import type { CommandContext } from '../../src/cli/context.ts';
import { resolveFolders } from '../../src/cli/folders.ts';
import { readRegisteredKey } from '../../src/cli/renewal/registered-key.ts';
import { openRenewalRun, readStoredSecret } from '../../src/cli/renewal/renewal-run.ts';
import { openOutput } from '../../src/cli/output.ts';
import type { ManualClock } from '../support/clock.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import type { Draw } from '../support/seeded-random.ts';

/** The result of `keytide renew` for a key. */
export interface RenewedKey {
  readonly name: string;
  readonly outcome: string;
  readonly message: string;
}

/** A machine that registers and renews keys with the real commands, in this process, on the test's clock. */
export interface RenewalMachine {
  /** Registers a key under a name and writes its secret to its places. */
  keep(name: string, secret: string, url: string, places: readonly string[]): Promise<void>;
  /** Runs `keytide renew` for the given names, or for all registered keys if there are none. */
  renew(names: readonly string[]): Promise<readonly RenewedKey[]>;
}

export function openRenewalMachine(
  clock: ManualClock,
  draw: Draw,
  env: Readonly<Record<string, string>>,
): RenewalMachine {
  const home = scratchFolder();
  const openCall = (input: string) => {
    const written: string[] = [];
    const stream = (take: (text: string) => void) =>
      new Writable({ write: (chunk, _, done) => (take(String(chunk)), done()) });
    const streams = { out: stream((text) => void written.push(text)), err: stream(() => undefined) };
    const context: CommandContext = {
      env: { PATH: process.env['PATH'], HOME: home, ...env },
      folders: resolveFolders({ HOME: home }),
      output: openOutput(streams, {}, true),
      input: Readable.from([input]),
      now: () => clock.now(),
      random: () => draw.below(1_000) / 1_000,
      pause: async () => undefined,
    };
    return { context, written };
  };
  return {
    async keep(name, secret, url, places) {
      const { context } = openCall(`${secret}\n`);
      await keepCommand.run(context, { arguments: [name], options: { url, deploy: places } });
      const registeredKey = await readRegisteredKey(context.folders, name);
      for (const { put } of openRenewalRun(context, registeredKey).places) {
        await put(await readStoredSecret(registeredKey), { KEYTIDE_SECRET_FILE: registeredKey.secretFile });
      }
    },
    async renew(names) {
      const { context, written } = openCall('');
      await renewCommand.run(context, { arguments: [names], options: {} });
      return (JSON.parse(written.join('')) as { keys: RenewedKey[] }).keys;
    },
  };
}
