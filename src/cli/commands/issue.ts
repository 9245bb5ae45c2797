import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { toKeyJson } from '../key-list/key-json.ts';
import { readLabels, readScopes } from '../key-list/read-pairs.ts';
import { runSecretMutation } from '../run-secret-mutation.ts';
import { declareSecretPlace, toSecretMember, type SecretOptions } from '../secret-place.ts';
import { formatKeyDetails, writeDetails } from '../key-list/format-key.ts';
import { openLogin } from '../login/open-login.ts';
import { formatDuration } from '../../domain/duration.ts';
import { readDuration } from '../read-duration.ts';
import { readInstant } from '../read-instant.ts';

/** The parsed options. */
interface Options extends SecretOptions {
  readonly realm: string;
  readonly owner?: string;
  readonly description?: string;
  readonly scope: readonly string[];
  readonly label?: readonly string[];
  readonly lifetime?: string;
  readonly expiresAt?: string;
  readonly notBefore?: string;
  readonly allowedAddress?: readonly string[];
  readonly metadata?: string;
}

/**
 * Issues a key. Writes its secret to a file or, on request, to standard output, and nowhere else.
 *
 * With `--json`: `{ key, secretFile }`, with `--show` `{ key, secret }`; the key as in `keytide list`.
 */
export const issueCommand: Command = {
  declare(parser) {
    parser
      .argument('<name>', 'name of the key')
      .requiredOption('--scope <scopes...>', 'what the key may do, such as package:push=Acme.*')
      .option('--realm <slug>', 'realm of the key', 'default')
      .option('--owner <id>', 'account or organization that owns the key; default: you')
      .option('--description <text>', 'what the key is for')
      .option('--metadata <json>', 'your own data about the key, such as {"ticket":4711}')
      .option('--label <labels...>', 'labels, as name=value')
      .option('--lifetime <duration>', 'time until it expires, such as 90d')
      .option('--expires-at <instant>', 'instant at which it expires, such as 2027-01-01T00:00:00Z')
      .option('--not-before <instant>', 'instant from which it is valid, such as 2027-01-01T00:00:00Z')
      .option('--allowed-address <ranges...>', 'only usable from these addresses, such as 192.0.2.0/24');
    declareSecretPlace(parser).option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [name], options }) {
    const flags = options as unknown as Options;
    const { output, now } = context;
    const input = buildInput(name as string, flags);
    const { client } = await openLogin(context);
    const recovery = 'find the key with keytide list and revoke it.';
    const { result, secret, place } = await runSecretMutation(
      context,
      client,
      { name: 'issueKey', input, recovery },
      flags,
    );
    const key = toKeyJson(result.key);
    output.json({ key, ...toSecretMember(secret, place) });
    if (place.file === null) output.note(`This is the secret of ${key.id}. It is shown only once.`);
    else writeDetails(output, [...formatKeyDetails(key, now()), ['secret', place.file]]);
    return exitStatus.OK;
  },
};

function buildInput(name: string, flags: Options): object {
  const { realm, owner, description, metadata, scope, label, lifetime, expiresAt, notBefore, allowedAddress } = flags;
  if (lifetime !== undefined && expiresAt !== undefined) {
    throw new CommandError(exitStatus.USAGE, 'Found --lifetime and --expires-at; expected at most one of them.');
  }
  return {
    name,
    realm,
    scopes: readScopes(scope),
    ...(owner !== undefined && { owner }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
    ...(label !== undefined && { labels: readLabels(label) }),
    ...(lifetime !== undefined && { lifetime: formatDuration(readDuration('--lifetime', lifetime)) }),
    ...(expiresAt !== undefined && { expiresAt: readInstant('--expires-at', expiresAt) }),
    ...(notBefore !== undefined && { notBefore: readInstant('--not-before', notBefore) }),
    ...(allowedAddress !== undefined && { allowedAddresses: allowedAddress }),
  };
}

/** Parses a JSON object. The message does not repeat the text, which may hold a secret by mistake. */
function readMetadata(text: string): object {
  const expected = 'expected a JSON object such as {"ticket":4711}.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(exitStatus.USAGE, `--metadata: found a text that is not JSON; ${expected}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new CommandError(exitStatus.USAGE, `--metadata: found JSON that is not an object; ${expected}`);
}
