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

/** What the options are read as. */
interface Options extends SecretOptions {
  readonly realm: string;
  readonly owner?: string;
  readonly scope: readonly string[];
  readonly label?: readonly string[];
  readonly lifetime?: string;
  readonly expiresAt?: string;
}

/**
 * Issues a key. Its secret goes to a file or, where that is asked for, to standard output, and nowhere else.
 *
 * With `--json`: `{ key, secretFile }`, with `--show` `{ key, secret }`; the key as `keytide list` has it.
 */
export const issueCommand: Command = {
  name: 'issue',
  summary: 'issue a key',
  declare(parser) {
    parser
      .argument('<name>', 'what the key is called')
      .requiredOption('--scope <scopes...>', 'what it may do, as package:push=Acme.*')
      .option('--realm <slug>', 'the realm that it is of', 'default')
      .option('--owner <id>', 'the account or organization that owns it; you unless told')
      .option('--label <labels...>', 'its labels, as name=value')
      .option('--lifetime <duration>', 'how long it lives, such as 90d')
      .option('--expires-at <instant>', 'when it expires, such as 2027-01-01T00:00:00Z');
    declareSecretPlace(parser).option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given], options }) {
    const told = options as unknown as Options;
    const { output, now } = context;
    const input = buildInput(given as string, told);
    const { client } = await openLogin(context);
    const lost = 'look for the key by keytide list, and revoke it.';
    const { made, secret, place } = await runSecretMutation(
      context,
      client,
      { name: 'issueKey', input, recovery: lost },
      told,
    );
    const key = toKeyJson(made.key);
    output.json({ key, ...toSecretMember(secret, place) });
    if (place.file === null) output.note(`This is the secret of ${key.id}, shown this once.`);
    else writeDetails(output, [...formatKeyDetails(key, now()), ['secret', place.file]]);
    return exitStatus.OK;
  },
};

function buildInput(name: string, { realm, owner, scope, label, lifetime, expiresAt }: Options): object {
  if (lifetime !== undefined && expiresAt !== undefined) {
    throw new CommandError(exitStatus.USAGE, 'Found --lifetime and --expires-at; give at most one of them.');
  }
  if (expiresAt !== undefined && Number.isNaN(Date.parse(expiresAt))) {
    const found = `--expires-at: found ${JSON.stringify(expiresAt)}`;
    throw new CommandError(exitStatus.USAGE, `${found}; an instant such as 2027-01-01T00:00:00Z is expected.`);
  }
  return {
    name,
    realm,
    scopes: readScopes(scope),
    ...(owner !== undefined && { owner }),
    ...(label !== undefined && { labels: readLabels(label) }),
    ...(lifetime !== undefined && { lifetime: formatDuration(readDuration('--lifetime', lifetime)) }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  };
}
