import { runMutation } from '../run-mutation.ts';
import { askPerson } from '../ask-person.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Ends a key for good, at once and everywhere. On a terminal it asks first; elsewhere `--yes` has to be there.
 *
 * With `--json`: `{ key }`, as `keytide list` has it.
 */
export const revokeCommand: Command = {
  name: 'revoke',
  summary: 'end a key for good',
  declare(parser) {
    parser
      .argument('<key>', 'its id or name')
      .requiredOption('--reason <text>', 'why, for whoever looks into it later')
      .option('--yes', 'do not ask')
      .option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given], options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, given as string);
    if (options['yes'] !== true) {
      const question = `End ${plainLine(given as string)} for good? What uses it stops working now. Type yes.`;
      if ((await askPerson(context, question, '--yes')) !== 'yes') {
        throw new CommandError(exitStatus.USAGE, 'Nothing was changed.');
      }
    }
    const input = { keyId, reason: options['reason'] };
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'revokeKey', input, select });
    const facts = toKeyJson(key);
    output.json({ key: facts });
    output.line(`${plainLine(facts.name)} has ended.`);
    return exitStatus.OK;
  },
};
