import { runMutation } from '../run-mutation.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Undoes a key's rotation: the old secret stays current. An unused new secret ends at once. A new secret that was
 * used retires after a grace period as long as that of the rotation.
 *
 * With `--json`: `{ key }`, as in `keytide list`.
 */
export const undoCommand: Command = {
  declare(parser) {
    parser.argument('<key>', 'id or name of the key').option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName] }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    const select = `key { ${KEY_SELECTION} rotation { previousRetiresAt } }`;
    type Undone = { readonly key: { readonly rotation: { readonly previousRetiresAt: string } | null } };
    const { key } = await runMutation<Undone>(client, { name: 'undoRotation', input: { keyId }, select });
    const keyJson = toKeyJson(key);
    output.json({ key: keyJson });
    // A new secret that was used works for another grace period.
    const newSecret = key.rotation === null ? '' : `, and its new one works until ${key.rotation.previousRetiresAt}`;
    output.line(`The rotation of ${plainLine(keyJson.name)} is undone: its old secret stays current${newSecret}.`);
    return exitStatus.OK;
  },
};
