import { formatDuration } from '../../domain/duration.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { findKey } from '../listing/find-key.ts';
import { factsOf } from '../listing/key-facts.ts';
import { makeSecret } from '../make-secret.ts';
import { declareSecretPlace, secretMember, type SecretOptions } from '../secret-place.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readDuration } from '../read-duration.ts';
import { tellWhen } from '../tell-when.ts';

/** What the options are read as. */
interface Options extends SecretOptions {
  readonly gracePeriod?: string;
}

interface Rotated {
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
    const change = {
      name: 'rotateKey',
      input: { keyId, ...(graceMs !== null && { gracePeriod: formatDuration(graceMs) }) },
      select: 'previousRetiresAt',
      lost: `run keytide undo ${keyId}, or the old secret retires when its grace is over.`,
    } as const;
    const { made, secret, place } = await makeSecret<Rotated>(context, client, change, told);
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
