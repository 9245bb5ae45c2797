import { runMutation } from '../run-mutation.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Takes a key's rotation back: the old secret stays. A new one that nobody has used ends at once, else it retires in place of
 * the old one.
 *
 * With `--json`: `{ key }`, as `keytide list` has it.
 */
export const undoCommand: Command = {
  name: 'undo',
  summary: 'take the rotation of a key back',
  declare(parser) {
    parser.argument('<key>', 'its id or name').option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given] }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, given as string);
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'undoRotation', input: { keyId }, select });
    const facts = toKeyJson(key);
    output.json({ key: facts });
    output.line(`The old secret of ${plainLine(facts.name)} stays.`);
    return exitStatus.OK;
  },
};
