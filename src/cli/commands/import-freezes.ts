import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CalendarFreeze, ExpansionOptions } from '../../calendar/expand-event.ts';
import { addedFreezes, AHEAD_MS, readFreezes } from '../../calendar/read-freezes.ts';
import { isTimeZone } from '../../calendar/zoned-time.ts';
import type { Client } from '../../client/client.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readInstant } from '../read-instant.ts';
import { runMutation } from '../run-mutation.ts';

/** The parsed options. */
interface Options {
  readonly realm: string;
  readonly zone: string;
  readonly until?: string;
  readonly dryRun?: boolean;
}

/**
 * Adds the events of an iCalendar file to the freezes of a realm. Freezes that the realm has already stay. If any event cannot be
 * read, or another person changes the realm at the same moment, nothing is imported.
 *
 * With `--json`: `{ dryRun, added, unchanged, freezes: [{ from, to, reason }] }`, where `freezes` are those of the file.
 */
export const importFreezesCommand: Command = {
  declare(parser) {
    parser
      .argument('<file>', 'the calendar: iCalendar (.ics), with whole days or times, once or each year')
      .option('--realm <slug>', 'realm whose freezes they become', 'default')
      .option('--zone <name>', 'time zone of whole days, and of times without one, such as Europe/Berlin', 'UTC')
      .option('--until <instant>', 'leave out what begins then or later; default: in two years')
      .option('--dry-run', 'show the freezes, and change nothing')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [path], options }) {
    const { realm, zone, until, dryRun = false } = options as unknown as Options;
    const { output } = context;
    if (!isTimeZone(zone)) {
      const expected = 'a name of the IANA database, such as Europe/Berlin';
      throw new CommandError(exitStatus.USAGE, `--zone: found ${JSON.stringify(zone)}; expected ${expected}.`);
    }
    const now = context.now();
    const end = until === undefined ? new Date(now.getTime() + AHEAD_MS) : new Date(readInstant('--until', until));
    const freezes = await freezesOfFile(resolve(path as string), { zone, now, until: end });
    const { client } = await openLogin(context);
    const { present, settingsVersion } = await readRealm(client, realm);
    const added = addedFreezes(freezes, present);
    if (!dryRun && added.length > 0) {
      // Refused if another person has changed the realm since, whose freezes would be lost.
      const input = { realm, settingsVersion, freezes: [...present, ...added].map(toInput) };
      await runMutation(client, { name: 'updateRealm', input, select: 'realm { id }' });
    }
    const unchanged = freezes.length - added.length;
    output.json({ dryRun, added: added.length, unchanged, freezes: freezes.map(toInput) });
    output.table(
      ['FROM', 'TO', 'REASON', ''],
      freezes.map((freeze) => {
        const { from, to, reason } = toInput(freeze);
        return [from, to, plainLine(reason), added.includes(freeze) ? '' : 'already there'];
      }),
      'The file has no event that has not ended.',
    );
    const verb = dryRun ? 'would be added' : 'added';
    output.line(`Freezes of ${plainLine(realm)}: ${String(added.length)} ${verb}, ${String(unchanged)} already there.`);
    return exitStatus.OK;
  },
};

/** Reads the freezes of a file, the earliest first, each once. */
async function freezesOfFile(path: string, options: ExpansionOptions): Promise<readonly CalendarFreeze[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(exitStatus.NO_INPUT, `The file cannot be read: ${path}.`, error);
  });
  const read = readFreezes(text, options);
  if ('freezes' in read) return read.freezes;
  throw new CommandError(exitStatus.DATA, [...read.problems, 'Nothing was imported.'].map(plainLine).join('\n'));
}

/** Reads the freezes of a realm, and the version of its settings that has them. */
async function readRealm(client: Client, slug: string) {
  const query = 'query Freezes($slug: String!) { realm(slug: $slug) { settingsVersion freezes { from to reason } } }';
  const { realm } = await client.ask<{
    readonly realm: {
      readonly settingsVersion: string;
      readonly freezes: readonly { from: string; to: string; reason: string }[];
    } | null;
  }>({ query, variables: { slug } });
  if (realm === null) throw new CommandError(exitStatus.USAGE, `--realm: found no realm ${JSON.stringify(slug)}.`);
  const present = realm.freezes.map(({ from, to, reason }): CalendarFreeze => ({
    from: new Date(from),
    to: new Date(to),
    reason,
  }));
  return { present, settingsVersion: realm.settingsVersion };
}

function toInput({ from, to, reason }: CalendarFreeze) {
  return { from: from.toISOString(), to: to.toISOString(), reason };
}
