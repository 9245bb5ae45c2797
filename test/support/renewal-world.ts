import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from './clock.ts';
import { type CommandOptions, type CommandRun } from './command.ts';
import { runCommandHere } from './command-here.ts';
import { configure } from './configure.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { issue } from './issue.ts';
import { scratchFolder } from './scratch-folder.ts';
import { VERIFY_KEY } from './operations.ts';

/** A gateway, and a machine on which some of its keys are registered. */
export interface RenewalWorld {
  readonly gateway: Gateway;
  readonly home: string;
  /** Runs the command on the machine. */
  command(words: readonly string[], options?: Partial<CommandOptions>): Promise<CommandRun>;
  /** Issues a key with a lifetime of 90 days and registers it under a name. */
  keep(name: string, ...words: string[]): Promise<Awaited<ReturnType<typeof issue>>>;
  /** Runs `keytide renew --json` and returns the run, with the results by name of the key. */
  renew(...words: string[]): Promise<CommandRun & { readonly keys: Record<string, RenewedKey> }>;
  /** Advances the gateway's clock until the key is due. */
  untilDue(secret: string): Promise<void>;
  /** Configures policy so that renewals rotate secrets of this age or older. */
  wantRotation(rotateAfter: string): Promise<void>;
  /** Verifies a secret and stores the use. */
  verify(secret: string, consumer?: string): Promise<string>;
  /** The types of a key's events, oldest first, without notices, which depend on the key's random moment. */
  eventTypes(keyId: string): Promise<string[]>;
  /** A path on the machine. */
  path(...parts: string[]): string;
  read(...parts: string[]): string;
  /** The permissions of a file, such as 600. */
  rights(...parts: string[]): string;
  /** The stored secret of a registered key. */
  secretOf(name: string): string;
  /** Makes the machine believe that a renewal was started this long ago. */
  ageJournal(name: string, ageMs: number): void;
}

export interface RenewedKey {
  readonly outcome: string;
  readonly message: string;
  readonly status: number;
  readonly stopsAt: string | null;
  readonly warnings?: readonly object[];
}

export async function openRenewalWorld(): Promise<RenewalWorld> {
  // The machine uses the real clock, and the gateway's clock starts at the same instant.
  const gateway = await openGateway({ clock: new ManualClock(new Date()) });
  const home = scratchFolder();
  const path = (...parts: string[]) => join(home, ...parts);
  const world: RenewalWorld = {
    gateway,
    home,
    path,
    read: (...parts) => readFileSync(path(...parts), 'utf8'),
    rights: (...parts) => (statSync(path(...parts)).mode & 0o777).toString(8),
    secretOf: (name) => world.read('.local/state/keytide/secrets', name).trim(),
    ageJournal(name, ageMs) {
      const file = path('.local/state/keytide/journals', `${name}.json`);
      const startedAt = new Date(Date.now() - ageMs).toISOString();
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), startedAt }));
    },
    command: (words, options = {}) => runCommandHere(words, { home, ...options }),
    async keep(name, ...words) {
      const issued = await issue(gateway, await gateway.admin(), { name, lifetime: 'P90D' });
      const run = await world.command(['keep', name, '--url', gateway.url, ...words], { input: `${issued.secret}\n` });
      if (run.status !== 0) throw new Error(`keep failed: ${run.stderr}`);
      return issued;
    },
    async renew(...words) {
      const run = await world.command(['renew', '--json', ...words]);
      const keys = run.stdout === '' ? [] : (run.json.keys as ({ name: string } & RenewedKey)[]);
      return Object.assign(run, { keys: Object.fromEntries(keys.map(({ name, ...ended }) => [name, ended])) });
    },
    async untilDue(secret) {
      const { data } = await gateway.ask('{ viewer { ... on Key { renewalInfo { suggestedAt } } } }', {}, secret);
      const { suggestedAt } = data['viewer'].renewalInfo as { suggestedAt: string };
      await gateway.travel(Date.parse(suggestedAt) - gateway.clock.now().getTime());
    },
    wantRotation: (rotateAfter) => configure(gateway, 'renewal-window', { rotateAfter }),
    async verify(secret, consumer) {
      const input = { secret, action: 'package:push', resource: 'Acme.Core', ...(consumer && { consumer }) };
      const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
      await gateway.services.uses.flush();
      return data['verifyKey'].outcome as string;
    },
    async eventTypes(keyId) {
      const events = await gateway.prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } });
      return events.map(({ type }) => type).filter((type) => type !== 'KEY_EXPIRING');
    },
  };
  return world;
}
