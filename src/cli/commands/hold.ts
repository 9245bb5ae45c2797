import { runMutation } from '../run-mutation.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Holds a key: it is refused until it is resumed.
 *
 * With `--json`: `{ key }`, as in `keytide list`.
 */
export const holdCommand: Command = {
  declare(parser) {
    parser
      .argument('<key>', 'id or name of the key')
      .requiredOption('--reason <text>', 'reason, for later reference')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    const input = { keyId, reason: options['reason'] };
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'holdKey', input, select });
    const keyJson = toKeyJson(key);
    output.json({ key: keyJson });
    output.line(`${plainLine(keyJson.name)} is held: it is refused until keytide resume.`);
    return exitStatus.OK;
  },
};
