import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { describeInstant } from '../describe-instant.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { fetchKey } from '../key-list/fetch-key.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readInstant } from '../read-instant.ts';

const DAY_SELECTION = 'day outcome count';

interface UsageDay {
  readonly day: string;
  readonly outcome: string;
  readonly count: number;
}

interface ConsumerUsage {
  readonly name: string;
  readonly generation: number;
  readonly firstUsedAt: string;
  readonly lastUsedAt: string;
  readonly count: number;
}

interface UsedKey {
  readonly id: string;
  readonly name: string;
  readonly usage: { readonly consumers: readonly ConsumerUsage[]; readonly days: readonly UsageDay[] };
}

/** The parsed options. */
interface Options {
  readonly realm?: string;
  readonly from?: string;
  readonly to?: string;
}

/**
 * Shows who uses a key and how often it was accepted and refused on each day; with `--realm` the days of all keys of a realm.
 *
 * With `--json`: `{ id, name, consumers: [{ name, generation, firstUsedAt, lastUsedAt, count }], days: [{ day, outcome, count }] }`,
 * with `--realm` `{ realm, days }`.
 */
export const usageCommand: Command = {
  declare(parser) {
    parser
      .argument('[key]', 'id or name of the key')
      .option('--realm <slug>', 'instead of a key: all keys of this realm, for administrators')
      .option('--from <instant>', 'first day, such as 2027-01-01; default: 30 days before the last')
      .option('--to <instant>', 'last day, such as 2027-01-31; default: today')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const { realm, from, to } = options as Options;
    if ((idOrName === undefined) === (realm === undefined)) {
      throw new CommandError(exitStatus.USAGE, 'Expected either the id or name of a key, or --realm.');
    }
    const period = [
      ...(from === undefined ? [] : [`from: "${readInstant('--from', from)}"`]),
      ...(to === undefined ? [] : [`to: "${readInstant('--to', to)}"`]),
    ];
    const usage = period.length === 0 ? 'usage' : `usage(${period.join(', ')})`;
    if (realm !== undefined) await showRealmUsage(context, realm, usage);
    else await showKeyUsage(context, idOrName as string, usage);
    return exitStatus.OK;
  },
};

async function showKeyUsage(context: CommandContext, idOrName: string, usageField: string): Promise<void> {
  const { output, now } = context;
  const query = `query Usage($id: ID!) { key(id: $id) { id name ${usageField} {
    consumers { name generation firstUsedAt lastUsedAt count } days { ${DAY_SELECTION} } } } }`;
  const { id, name, usage } = await fetchKey<UsedKey>(context, idOrName, query);
  output.json({ id, name, ...usage });
  output.table(
    ['CONSUMER', 'SECRET', 'FIRST USED', 'LAST USED', 'COUNT'],
    usage.consumers.map(({ name: consumer, generation, firstUsedAt, lastUsedAt, count }) => [
      consumer === '' ? '(none named)' : plainLine(consumer),
      String(generation),
      describeInstant(firstUsedAt, now(), ''),
      describeInstant(lastUsedAt, now(), ''),
      String(count),
    ]),
    'No consumer has used the key in this time.',
  );
  output.line('');
  printDays(context, usage.days);
}

async function showRealmUsage(context: CommandContext, realm: string, usageField: string): Promise<void> {
  const { client } = await openLogin(context);
  const query = `query Usage($realm: String!) { realm(slug: $realm) { ${usageField} { ${DAY_SELECTION} } } }`;
  const { realm: found } = await client.ask<{ readonly realm: { readonly usage: readonly UsageDay[] | null } | null }>({
    query,
    variables: { realm },
  });
  if (found === null) {
    throw new CommandError(exitStatus.DATA, `No realm ${JSON.stringify(realm)} exists, or you may not see it.`);
  }
  if (found.usage === null) {
    throw new CommandError(exitStatus.NO_PERMISSION, 'Only administrators may see the usage of a realm.');
  }
  context.output.json({ realm, days: found.usage });
  printDays(context, found.usage);
}

function printDays({ output }: CommandContext, days: readonly UsageDay[]): void {
  const rows = days.map(({ day, outcome, count }) => [day, outcome, String(count)]);
  output.table(['DAY', 'OUTCOME', 'COUNT'], rows, 'No verification was counted in this time.');
}
