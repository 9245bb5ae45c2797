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

/** The parsed options. */
interface Options extends SecretOptions {
  readonly gracePeriod?: string;
}

interface RotationData {
  readonly previousRetiresAt: string | null;
}

/**
 * Rotates a key: issues a new secret. The old one works through the grace period.
 *
 * With `--json`: `{ key, previousRetiresAt, secretFile }`, with `--show` `{ key, previousRetiresAt, secret }`; the key
 * as in `keytide list`.
 */
export const rotateCommand: Command = {
  declare(parser) {
    parser
      .argument('<key>', 'id or name of the key')
      .option('--grace-period <duration>', 'how long the old secret stays valid; default 1d');
    declareSecretPlace(parser).option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const flags = options as Options;
    const { output, now } = context;
    const { gracePeriod } = flags;
    const graceMs = gracePeriod === undefined ? null : readDuration('--grace-period', gracePeriod);
    const { client, login } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    const mutation = {
      name: 'rotateKey',
      input: { keyId, ...(graceMs !== null && { gracePeriod: formatDuration(graceMs) }) },
      select: 'previousRetiresAt',
      recovery: `run keytide undo ${keyId}. Otherwise the old secret retires at the end of the grace period.`,
    } as const;
    const { result, secret, place } = await runSecretMutation<RotationData>(context, client, mutation, flags);
    const key = toKeyJson(result.key);
    const { previousRetiresAt } = result;
    output.json({ key, previousRetiresAt, ...toSecretMember(secret, place) });
    const location = place.file === null ? 'above; it is shown only once' : `in ${place.file}`;
    const validity = `The old secret is valid until ${describeInstant(previousRetiresAt, now(), 'the rotation is confirmed')}.`;
    output.note(`The new secret of ${plainLine(key.name)} is ${location}. ${validity}`);
    if (login.id === keyId)
      output.note('You are logged in with the old secret of this key: run keytide login --with-token again.');
    return exitStatus.OK;
  },
};
