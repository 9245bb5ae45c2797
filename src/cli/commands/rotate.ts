import { formatDuration } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { makeChange } from '../ask-again.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { findKey } from '../listing/find-key.ts';
import { factsOf, KEY_FACTS } from '../listing/key-facts.ts';
import {
  closeSecretPlace,
  declareSecretPlace,
  openSecretPlace,
  secretMember,
  writeSecret,
  type SecretOptions,
} from '../secret-place.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readDuration } from '../read-duration.ts';
import { tellWhen } from '../tell-when.ts';

/** What the options are read as. */
interface Options extends SecretOptions {
  readonly gracePeriod?: string;
}

interface Made {
  readonly key: unknown;
  readonly secret: string | null;
  readonly previousRetiresAt: string | null;
}

/**
 * Gives a key a new secret. The old one stays good through the grace period.
 *
 * With `--json`: `{ key, previousRetiresAt, secretFile }`, with `--show` `{ key, previousRetiresAt, secret }`; the key as `keytide
 * list` has it.
 */
export const rotate: Command = {
  name: 'rotate',
  summary: 'give a key a new secret',
  declare(parser) {
    parser
      .argument('<key>', 'its id or name')
      .option('--grace-period <duration>', 'how long the old secret stays good; a day unless told');
    declareSecretPlace(parser).option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given], options }) {
    const told = options as Options;
    const { output, now } = context;
    const { gracePeriod } = told;
    const graceMs = gracePeriod === undefined ? null : readDuration('--grace-period', gracePeriod);
    const { client, login } = await openLogin(context);
    const keyId = await findKey(client, given as string);
    const place = await openSecretPlace(told);
    let made: Made;
    try {
      const input = { keyId, ...(graceMs !== null && { gracePeriod: formatDuration(graceMs) }) };
      const select = `secret previousRetiresAt key { ${KEY_FACTS} }`;
      made = await makeChange<Made>(client, { name: 'rotateKey', input, select });
    } catch (error) {
      await closeSecretPlace(place);
      throw error;
    }
    if (made.secret === null) {
      throw new CommandError(exitStatus.UNAVAILABLE, `${keyId} has a new secret that is not shown again: undo that.`);
    }
    const secret = new Sensitive(made.secret);
    await writeSecret(context, place, secret);
    const key = factsOf(made.key);
    const { previousRetiresAt } = made;
    output.json({ key, previousRetiresAt, ...secretMember(secret, place) });
    const where = place.file === null ? 'above, shown this once' : `in ${place.file}`;
    const until = `The old one is good until ${tellWhen(previousRetiresAt, now(), 'it is confirmed')}.`;
    output.note(`The new secret of ${plainLine(key.name)} is ${where}. ${until}`);
    if (login.id === keyId) output.note('You are logged in with its old one: run keytide login --with-token anew.');
    return exitStatus.OK;
  },
};
