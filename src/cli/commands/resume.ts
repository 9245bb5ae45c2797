import { runMutation } from '../run-mutation.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Resumes a held key. A hold that the caller may not lift stays.
 *
 * With `--json`: `{ key }`, as in `keytide list`.
 */
export const resumeCommand: Command = {
  declare(parser) {
    parser
      .argument('<key>', 'id or name of the key')
      .option('--reason <text>', 'reason, for later reference')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    const { reason } = options;
    const input = { keyId, ...(reason !== undefined && { reason }) };
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'resumeKey', input, select });
    const keyJson = toKeyJson(key);
    output.json({ key: keyJson });
    const isActive = keyJson.state === 'ACTIVE';
    output.line(`${plainLine(keyJson.name)} ${isActive ? 'works again' : `stays ${keyJson.state}: see keytide show`}.`);
    return exitStatus.OK;
  },
};
