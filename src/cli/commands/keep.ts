import { Option } from 'commander';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';
import { journalFile, readJournal } from '../renewal/journal.ts';
import { removeLastKnown, readLastKnown } from '../renewal/last-known.ts';
import {
  registeredKeyFile,
  listRegisteredKeyNames,
  readRegisteredKey,
  removeRegisteredKey,
} from '../renewal/registered-key.ts';
import { lockRuns } from '../renewal/lock-runs.ts';
import { openRenewalRun } from '../renewal/renewal-run.ts';
import { registerKey, type RegisterKeyOptions } from '../renewal/register-key.ts';

/** The parsed options. */
interface Options extends RegisterKeyOptions {
  readonly forget?: true;
}

/**
 * Registers a key for renewal on this machine: stores where its secret is and where it is deployed, after the gateway
 * has accepted the secret. Without a name, lists the registered keys.
 *
 * With `--json`: `{ keys: [{ name, keyId, url, secretFile, proof, places, stopsAt, askedAt, file }] }`.
 */
export const keepCommand: Command = {
  declare(parser) {
    parser
      .argument('[name]', 'your name for the key on this machine')
      .option('--url <url>', 'the gateway of the key')
      .option(
        '--secret-file <path>',
        'the file that holds the secret now and later; without it the secret is read from standard input',
      )
      .option(
        '--deploy <words...>',
        'another place for the secret: a kind and its settings, such as dotenv file=.env name=ACME_KEY',
      )
      .option('--before <command>', 'command to run before anything changes')
      .option('--prove <command>', 'command that uses the new secret, run before the old one retires')
      .option('--after <command>', 'command to run after a renewal')
      .option('--hook-limit <duration>', 'time limit for each command; default PT10M')
      .option('--grace-period <duration>', 'how long an old secret stays valid; default P1D')
      .addOption(
        new Option('--proof <what>', 'evidence that is required before an old secret is retired').choices([
          'accepted',
          'used',
          'moved',
        ]),
      )
      .option('--replace', 'replace the key of this name')
      .option('--forget', 'unregister the key; its secret stays valid and in its file')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [givenName], options }) {
    const name = givenName as string | undefined;
    const flags = options as unknown as Options;
    if (name === undefined) return listRegisteredKeys(context);
    const { output, folders } = context;
    const lock = await lockRuns(folders.state);
    try {
      if (flags.forget === true) {
        await forgetKey(context, name);
      } else {
        const registeredKey = await registerKey(context, name, flags);
        output.line(`${name} is registered: ${registeredKeyFile(folders, name)}`);
        output.line(
          `Its secret is in ${registeredKey.secretFile}. Run keytide renew every hour. To check the places now, run keytide renew ${name} --dry-run.`,
        );
      }
      if (output.isJson) await listRegisteredKeys(context);
    } finally {
      lock.release();
    }
    return exitStatus.OK;
  },
};

async function forgetKey({ folders, output }: CommandContext, name: string): Promise<void> {
  if (!(await listRegisteredKeyNames(folders)).includes(name)) {
    throw new CommandError(exitStatus.NO_INPUT, `No key is registered as ${JSON.stringify(name)}.`);
  }
  if ((await readJournal(folders, name)) !== null) {
    const found = `A renewal of ${name} is in progress, and its journal may hold the only copy of the new secret`;
    const otherwise = `If the key has ended, delete ${journalFile(folders, name)} first.`;
    throw new CommandError(exitStatus.TEMPORARY, `${found}: run keytide renew ${name} first. ${otherwise}`);
  }
  await removeLastKnown(folders, name);
  await removeRegisteredKey(folders, name);
  output.line(`${name} is no longer registered. Its secret stays in its file.`);
}

async function listRegisteredKeys(context: CommandContext): Promise<ExitStatus> {
  const { folders, output } = context;
  const keys = [];
  for (const name of await listRegisteredKeyNames(folders)) {
    const registeredKey = await readRegisteredKey(folders, name);
    const lastKnown = await readLastKnown(folders, name);
    const { keyId, url, secretFile, proof } = registeredKey;
    const places = openRenewalRun(context, registeredKey).places.map(({ place }) => place);
    const { stopsAt = null, askedAt = null } = lastKnown ?? {};
    keys.push({
      name,
      keyId,
      url,
      secretFile,
      proof,
      places,
      stopsAt,
      askedAt,
      file: registeredKeyFile(folders, name),
    });
  }
  output.json({ keys });
  output.table(
    ['KEY', 'ID', 'GATEWAY', 'STOPS', 'PLACES'],
    keys.map(({ name, keyId, url, stopsAt, places }) => [name, keyId, url, stopsAt ?? '', places.join(', ')]),
    `No keys are registered in ${folders.config}.`,
  );
  return exitStatus.OK;
}
