import { Option } from 'commander';
import type { Client } from '../../client/client.ts';
import { askPerson } from '../ask-person.ts';
import {
  describeOperation,
  followOperation,
  OPERATION_SELECTION,
  readOperation,
  type OperationJson,
} from '../change/operation-json.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { runMutation } from '../run-mutation.ts';
import { trackProgress } from '../track-progress.ts';

/** The options that act on an operation. At most one may be given. */
const ACTS = ['pause', 'resume', 'stop', 'undo', 'approve'] as const;

/** Acts that cannot be taken back, or that change keys: the command asks before them. */
const asked: ReadonlySet<string> = new Set(['stop', 'undo', 'approve']);

/**
 * Lists the changes of many keys that the caller manages; or shows one, follows it, or acts on it.
 *
 * With `--json`: `{ operations: [operation] }`, or with an id `{ operation }`. An operation is
 * `{ id, kind, state, reason, total, done, failed, skipped, undone, startedAt, endedAt }`.
 */
export const operationsCommand: Command = {
  declare(parser) {
    parser.argument('[operation]', 'id of an operation').option('--realm <slug>', 'only operations in this realm');
    for (const act of ACTS) {
      const others = ACTS.filter((other) => other !== act);
      parser.addOption(new Option(`--${act}`, `${act} the operation`).conflicts(others));
    }
    parser
      .option('--follow', 'wait until it no longer runs')
      .option('--yes', 'do not ask for confirmation')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [id], options }) {
    const { output, now } = context;
    const act = ACTS.find((name) => options[name] === true);
    if (id === undefined && (act !== undefined || options['follow'] === true)) {
      throw new CommandError(exitStatus.USAGE, 'Give the id of the operation. keytide operations lists them.');
    }
    const { client } = await openLogin(context);
    if (id === undefined) {
      const operations = await listOperations(client, (options['realm'] as string | undefined) ?? null);
      output.json({ operations });
      output.table(
        ['ID', 'KIND', 'STATE', 'KEYS', 'DONE', 'REASON'],
        operations.map(toRow),
        'There are no operations.',
      );
      return exitStatus.OK;
    }
    const operationId = id as string;
    const before = await readOperation(client, operationId);
    if (act !== undefined) {
      if (asked.has(act) && options['yes'] !== true) {
        const question = `${act} ${before.kind} of ${before.total} keys? Type yes to confirm.`;
        if ((await askPerson(context, question, '--yes')) !== 'yes') {
          throw new CommandError(exitStatus.USAGE, 'Nothing was changed.');
        }
      }
      const select = `operation { ${OPERATION_SELECTION} }`;
      await runMutation(client, { name: `${act}Operation`, input: { operationId }, select });
    }
    const onProgress = trackProgress(output, now, 'keys', before.total);
    const operation =
      options['follow'] === true
        ? await followOperation(client, operationId, onProgress)
        : await readOperation(client, operationId);
    output.progress(null);
    output.json({ operation });
    output.line(describeOperation(operation));
    return exitStatus.OK;
  },
};

async function listOperations(client: Client, realm: string | null): Promise<readonly OperationJson[]> {
  const query = `query Operations($realm: String) {
  operations(first: 100, realm: $realm) { edges { node { ${OPERATION_SELECTION} } } }
}`;
  type Data = { readonly operations: { readonly edges: readonly { readonly node: OperationJson }[] } };
  const { operations } = await client.ask<Data>({ query, variables: { realm } });
  return operations.edges.map(({ node }) => node);
}

function toRow({ id, kind, state, total, done, reason }: OperationJson): string[] {
  return [id, kind, state, String(total), String(done), plainLine(reason)];
}
