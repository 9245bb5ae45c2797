import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ManualClock } from './clock.ts';
import { startCommand, type CommandOptions, type CommandRun } from './command.ts';
import { runCommandHere } from './command-here.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A gateway, and Pia's machine, on which the command runs. */
export interface CommandWorld {
  readonly gateway: Gateway;
  readonly home: string;
  readonly pia: { readonly id: string; readonly token: string };
  /** Runs the command on the machine. */
  run(
    words: readonly string[],
    options?: Partial<CommandOptions & { readonly isProcess: boolean }>,
  ): Promise<CommandRun>;
  /** Starts the command without waiting for its exit. */
  start(words: readonly string[]): ReturnType<typeof startCommand>;
  /** Logs the machine in; default: as Pia. */
  login(credential?: string): Promise<CommandRun>;
  /** Issues a key of Pia's with the command; its secret is written to a file. */
  issue(name: string, ...words: string[]): Promise<{ readonly id: string; readonly secret: string }>;
  path(...parts: string[]): string;
  read(...parts: string[]): string;
  /** Writes a file; default mode 0600. */
  write(name: string, text: string, mode?: number): string;
  /** The permissions of a file, such as 600. */
  rights(...parts: string[]): string;
  /** All files in the home folder. */
  files(): string[];
}

const SCOPE = 'package:push=Acme.*';

export async function openCommandWorld(): Promise<CommandWorld> {
  // The machine uses the real clock, and the gateway's clock starts at the same instant.
  const gateway = await openGateway({ clock: new ManualClock(new Date()) });
  const home = scratchFolder();
  const pia = await gateway.person('pia');
  const path = (...parts: string[]) => join(home, ...parts);
  const world: CommandWorld = {
    gateway,
    home,
    pia,
    path,
    run: (words, options = {}) => runCommandHere(words, { home, ...options }),
    start: (words) => startCommand(words, { home }),
    login: (credential = pia.token) =>
      world.run(['login', '--with-token', '--url', gateway.url], { input: `${credential}\n` }),
    async issue(name, ...words) {
      // Keys must not be issued at the same instant, so that the order of lists is determined.
      gateway.clock.advance(1_000);
      const file = path(`secret of ${name}`);
      const run = await world.run(['issue', name, '--scope', SCOPE, '--to', file, '--json', ...words]);
      if (run.status !== 0) throw new Error(run.stderr);
      return { id: run.json.key.id, secret: readFileSync(file, 'utf8').trim() };
    },
    read: (...parts) => readFileSync(path(...parts), 'utf8'),
    write(name, text, mode = 0o600) {
      mkdirSync(dirname(path(name)), { recursive: true, mode: 0o700 });
      writeFileSync(path(name), text, { mode });
      return path(name);
    },
    rights: (...parts) => (statSync(path(...parts)).mode & 0o777).toString(8),
    files: () =>
      readdirSync(home, { recursive: true, encoding: 'utf8' })
        .map((name) => path(name))
        .filter((file) => statSync(file).isFile()),
  };
  return world;
}

/** Opens a world in which the machine is logged in. */
export async function openLoggedInWorld(): Promise<CommandWorld> {
  const world = await openCommandWorld();
  const { status, stderr } = await world.login();
  if (status !== 0) throw new Error(stderr);
  return world;
}
