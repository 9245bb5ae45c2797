import { formatDuration } from '../../domain/duration.ts';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson } from '../key-list/key-json.ts';
import { runSecretMutation } from '../run-secret-mutation.ts';
import { declareSecretPlace, toSecretMember, type SecretOptions } from '../secret-place.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readDuration } from '../read-duration.ts';
import { describeInstant } from '../describe-instant.ts';

/** What the options are read as. */
interface Options extends SecretOptions {
  readonly gracePeriod?: string;
}

interface RotationData {
  readonly previousRetiresAt: string | null;
}

/**
 * Gives a key a new secret. The old one stays good through the grace period.
 *
 * With `--json`: `{ key, previousRetiresAt, secretFile }`, with `--show` `{ key, previousRetiresAt, secret }`; the key as `keytide
 * list` has it.
 */
export const rotateCommand: Command = {
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
    const keyId = await resolveKeyId(client, given as string);
    const change = {
      name: 'rotateKey',
      input: { keyId, ...(graceMs !== null && { gracePeriod: formatDuration(graceMs) }) },
      select: 'previousRetiresAt',
      recovery: `run keytide undo ${keyId}, or the old secret retires when its grace is over.`,
    } as const;
    const { made, secret, place } = await runSecretMutation<RotationData>(context, client, change, told);
    const key = toKeyJson(made.key);
    const { previousRetiresAt } = made;
    output.json({ key, previousRetiresAt, ...toSecretMember(secret, place) });
    const where = place.file === null ? 'above, shown this once' : `in ${place.file}`;
    const until = `The old one is good until ${describeInstant(previousRetiresAt, now(), 'it is confirmed')}.`;
    output.note(`The new secret of ${plainLine(key.name)} is ${where}. ${until}`);
    if (login.id === keyId) output.note('You are logged in with its old one: run keytide login --with-token anew.');
    return exitStatus.OK;
  },
};
