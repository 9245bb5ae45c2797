import { makeChange } from '../ask-again.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { findKey } from '../listing/find-key.ts';
import { factsOf, KEY_FACTS } from '../listing/key-facts.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

/**
 * Takes a key's rotation back: the old secret stays. A new one that nobody has used ends at once, else it retires in place of
 * the old one.
 *
 * With `--json`: `{ key }`, as `keytide list` has it.
 */
export const undo: Command = {
  name: 'undo',
  summary: 'take the rotation of a key back',
  declare(parser) {
    parser.argument('<key>', 'its id or name').option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given] }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const keyId = await findKey(client, given as string);
    const select = `key { ${KEY_FACTS} }`;
    const { key } = await makeChange<{ key: unknown }>(client, { name: 'undoRotation', input: { keyId }, select });
    const facts = factsOf(key);
    output.json({ key: facts });
    output.line(`The old secret of ${plainLine(facts.name)} stays.`);
    return exitStatus.OK;
  },
};
