import { Option } from 'commander';
import type { Client } from '../../client/client.ts';
import { askPerson } from '../ask-person.ts';
import { CHANGES, CONDITION_NAMES, CONDITION_WORDS, readConditions } from '../change/change-input.ts';
import {
  describeOperation,
  followOperation,
  OPERATION_SELECTION,
  type OperationJson,
} from '../change/operation-json.ts';
import type { Command } from '../command.ts';
import { WordsOption } from '../completion/words-option.ts';
import type { Output } from '../output.ts';
import { plainLine } from '../output.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { openLogin } from '../login/open-login.ts';
import { formatDuration } from '../../domain/duration.ts';
import { readDuration } from '../read-duration.ts';
import { runMutation } from '../run-mutation.ts';
import { trackProgress } from '../track-progress.ts';

/** The parsed options. */
interface Options {
  readonly realm: string;
  readonly where?: readonly string[];
  readonly reason: string;
  readonly all?: true;
  readonly label?: readonly string[];
  readonly removeLabel?: readonly string[];
  readonly owner?: string;
  readonly lifetime?: string;
  readonly gracePeriod?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly wait: boolean;
}

interface DryRun {
  readonly matchedCount: number;
  readonly byOwner: readonly {
    readonly owner: { readonly id: string; readonly name: string };
    readonly keyCount: number;
  }[];
  readonly confirmation: string;
}

/**
 * Makes one change to all keys that match. Prints the dry run first and asks for confirmation on a terminal; elsewhere it
 * requires `--yes`.
 *
 * With `--json`: `{ matchedCount, byOwner: [{ id, name, keyCount }], operation }`; `operation` is null after `--dry-run`.
 */
export const changeCommand: Command = {
  declare(parser) {
    parser
      .addArgument(parser.createArgument('<change>', 'what to do to each key').choices(CHANGES))
      .option('--realm <slug>', 'the realm of the keys', 'default')
      .addOption(
        new WordsOption('--where <conditions...>', `which keys, as name=value: ${CONDITION_NAMES}`, CONDITION_WORDS),
      )
      .requiredOption('--reason <text>', 'reason, for later reference')
      .option('--all', 'allow the change of all keys of the realm')
      .option('--label <labels...>', 'label: labels to set, as name=value')
      .option('--remove-label <names...>', 'label: names of labels to remove')
      .option('--owner <id>', 'transfer: the account or organization that gets the keys')
      .option('--lifetime <duration>', 'renew: how long the keys live from now, such as 90d')
      .option('--grace-period <duration>', 'ask-rotation: how long the old secret works after a rotation, such as 2d')
      .addOption(new Option('--dry-run', 'only print which keys match').conflicts('yes'))
      .option('--yes', 'do not ask for confirmation')
      .option('--no-wait', 'do not wait for the end of the operation')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [change], options }) {
    const { output, now } = context;
    const flags = options as unknown as Options;
    const input = toInput(change as string, flags, now());
    const { client } = await openLogin(context);
    const dryRun = await runMutation<DryRun>(client, {
      name: 'changeKeys',
      input: { ...input, dryRun: true },
      select: 'matchedCount byOwner { owner { id name } keyCount } confirmation',
    });
    const byOwner = dryRun.byOwner.map(({ owner, keyCount }) => ({ ...owner, keyCount }));
    printDryRun(output, change as string, dryRun);
    const found = { matchedCount: dryRun.matchedCount, byOwner };
    if (flags.dryRun === true || dryRun.matchedCount === 0) {
      output.json({ ...found, operation: null });
      return exitStatus.OK;
    }
    if (flags.yes !== true) {
      const question = `${String(change)} ${dryRun.matchedCount} keys? Type ${dryRun.matchedCount} to confirm.`;
      if ((await askPerson(context, question, '--yes')) !== String(dryRun.matchedCount)) {
        throw new CommandError(exitStatus.USAGE, 'Nothing was changed.');
      }
    }
    const { confirmation } = dryRun;
    const operation = await start(client, { ...input, confirmation, ...(flags.all === true && { all: true }) });
    const onProgress = trackProgress(output, now, 'keys', operation.total);
    const last = flags.wait ? await followOperation(client, operation.id, onProgress) : operation;
    output.progress(null);
    output.json({ ...found, operation: last });
    output.line(describeOperation(last));
    if (last.state === 'AWAITING_APPROVAL') {
      output.line(`A second person approves it: keytide operations ${last.id} --approve`);
    }
    return last.failed > 0 ? exitStatus.DATA : exitStatus.OK;
  },
};

async function start(client: Client, input: object): Promise<OperationJson> {
  const select = `operation { ${OPERATION_SELECTION} }`;
  return (await runMutation<{ operation: OperationJson }>(client, { name: 'changeKeys', input, select })).operation;
}

function toInput(change: string, flags: Options, now: Date) {
  const { realm, where = [], reason, label, removeLabel, owner, lifetime, gracePeriod } = flags;
  return {
    realm,
    filter: readConditions(where, now),
    change: change.toUpperCase().replace('-', '_'),
    reason,
    ...(label !== undefined && { labels: readLabels(label) }),
    ...(removeLabel !== undefined && { removeLabels: removeLabel }),
    ...(owner !== undefined && { owner }),
    ...(lifetime !== undefined && { lifetime: formatDuration(readDuration('--lifetime', lifetime)) }),
    ...(gracePeriod !== undefined && { gracePeriod: formatDuration(readDuration('--grace-period', gracePeriod)) }),
  };
}

function printDryRun(output: Output, change: string, { matchedCount, byOwner }: DryRun): void {
  const rows = byOwner.map(({ owner, keyCount }) => [plainLine(owner.name), owner.id, String(keyCount)]);
  output.table(['OWNER', 'ID', 'KEYS'], rows, 'No keys match.');
  output.line(`${matchedCount} keys match for ${change}.`);
}
