import { runMutation } from '../run-mutation.ts';
import { askPerson } from '../ask-person.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Revokes a key, immediately and on every node. Asks for confirmation on a terminal; elsewhere it requires `--yes`.
 *
 * With `--json`: `{ key }`, as in `keytide list`.
 */
export const revokeCommand: Command = {
  declare(parser) {
    parser
      .argument('<key>', 'id or name of the key')
      .requiredOption('--reason <text>', 'reason, for later reference')
      .option('--yes', 'do not ask for confirmation')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    if (options['yes'] !== true) {
      const question = `Revoke ${plainLine(idOrName as string)} for good? Everything that uses it stops working now. Type yes to confirm.`;
      if ((await askPerson(context, question, '--yes')) !== 'yes') {
        throw new CommandError(exitStatus.USAGE, 'Nothing was changed.');
      }
    }
    const input = { keyId, reason: options['reason'] };
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'revokeKey', input, select });
    const keyJson = toKeyJson(key);
    output.json({ key: keyJson });
    output.line(`${plainLine(keyJson.name)} is revoked.`);
    return exitStatus.OK;
  },
};
