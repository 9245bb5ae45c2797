import { formatDuration } from '../../domain/duration.ts';
import { runMutation } from '../run-mutation.ts';
import type { Command } from '../command.ts';
import { describeInstant } from '../describe-instant.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { readDuration } from '../read-duration.ts';
import { readInstant } from '../read-instant.ts';

/** The parsed options. */
interface Options {
  readonly lifetime?: string;
  readonly expiresAt?: string;
}

/**
 * Renews a key of the signed-in person: its secret stays, its expiry moves. Also revives a key that expired within the
 * last 30 days.
 *
 * With `--json`: `{ key }`, as in `keytide list`.
 */
export const renewKeyCommand: Command = {
  declare(parser) {
    parser
      .argument('<key>', 'id or name of the key')
      .option('--lifetime <duration>', 'time until it expires, such as 90d; default: as last given')
      .option('--expires-at <time>', 'when it expires, such as 2027-01-31T00:00:00Z')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName], options }) {
    const { output, now } = context;
    const { lifetime, expiresAt } = options as Options;
    if (lifetime !== undefined && expiresAt !== undefined) {
      throw new CommandError(exitStatus.USAGE, 'Found --lifetime and --expires-at; expected at most one of them.');
    }
    const expiry = expiresAt === undefined ? null : readInstant('--expires-at', expiresAt);
    const lifetimeMs = lifetime === undefined ? null : readDuration('--lifetime', lifetime);
    const { client } = await openLogin(context);
    const keyId = await resolveKeyId(client, idOrName as string);
    const input = {
      keyId,
      ...(lifetimeMs !== null && { lifetime: formatDuration(lifetimeMs) }),
      ...(expiry !== null && { expiresAt: expiry }),
    };
    const select = `key { ${KEY_SELECTION} }`;
    const { key } = await runMutation<{ key: unknown }>(client, { name: 'renewKey', input, select });
    const keyJson = toKeyJson(key);
    output.json({ key: keyJson });
    const stop = describeInstant(keyJson.stopsAt, now(), 'no known moment');
    output.line(`${plainLine(keyJson.name)} is renewed. It stops at ${stop}.`);
    return exitStatus.OK;
  },
};
