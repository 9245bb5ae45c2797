import { Option } from 'commander';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';
import { journalFile, readJournal } from '../renewal/journal.ts';
import { removeLastKnown, readLastKnown } from '../renewal/last-known.ts';
import { registeredKeyFile, listRegisteredKeyNames, readRegisteredKey, removeRegisteredKey } from '../renewal/registered-key.ts';
import { lockRuns } from '../renewal/lock-runs.ts';
import { openRenewalRun } from '../renewal/renewal-run.ts';
import { registerKey, type RegisterKeyOptions } from '../renewal/register-key.ts';

/** What the options are read as. */
interface Options extends RegisterKeyOptions {
  readonly forget?: true;
}

/**
 * Keeps a key: writes down where its secret is and goes, after the gateway has said that the secret is good. Without a name it
 * lists the keys that are kept.
 *
 * With `--json`: `{ keys: [{ name, keyId, url, secretFile, proof, places, stopsAt, askedAt, file }] }`.
 */
export const keepCommand: Command = {
  name: 'keep',
  summary: 'keep a key renewed by `keytide renew`; list those that are',
  declare(parser) {
    parser
      .argument('[name]', 'your name for the key')
      .option('--url <url>', 'the gateway')
      .option(
        '--secret-file <path>',
        'the file that holds the secret and goes on to; else it is read from standard input',
      )
      .option(
        '--deploy <words...>',
        'where else it goes: a kind and its settings, such as dotenv file=.env name=ACME_KEY',
      )
      .option('--before <command>', 'run before anything is changed')
      .option('--prove <command>', 'run to use the new secret where it counts, before the old one retires')
      .option('--after <command>', 'run when it is done')
      .option('--hook-limit <duration>', 'how long each command may take, PT10M unless told')
      .option('--grace-period <duration>', 'how long an old secret stays good, P1D unless told')
      .addOption(
        new Option('--proof <what>', 'what has to be seen before an old secret is retired').choices([
          'accepted',
          'used',
          'moved',
        ]),
      )
      .option('--replace', 'in place of what is kept under that name')
      .option('--forget', 'keep it no longer; its secret stays in its file, and good')
      .option('--json', 'answer as JSON');
  },
  async run(context, { arguments: [given], options }) {
    const name = given as string | undefined;
    const told = options as unknown as Options;
    if (name === undefined) return listRegisteredKeys(context);
    const { output, folders } = context;
    const lock = await lockRuns(folders.state);
    try {
      if (told.forget === true) {
        await forgetKey(context, name);
      } else {
        const kept = await registerKey(context, name, told);
        output.line(`${name} is kept: ${registeredKeyFile(folders, name)}`);
        output.line(`Its secret is in ${kept.secretFile}. Run keytide renew every hour; --dry-run checks it now.`);
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
    throw new CommandError(exitStatus.NO_INPUT, `No key is kept under the name ${JSON.stringify(name)}.`);
  }
  if ((await readJournal(folders, name)) !== null) {
    const found = `A renewal of ${name} is under way, and its new secret may be nowhere else`;
    const otherwise = `If the key has ended, take ${journalFile(folders, name)} away first.`;
    throw new CommandError(exitStatus.TEMPORARY, `${found}: run keytide renew ${name} first. ${otherwise}`);
  }
  await removeLastKnown(folders, name);
  await removeRegisteredKey(folders, name);
  output.line(`${name} is kept no longer. Its secret stays where it is.`);
}

async function listRegisteredKeys(context: CommandContext): Promise<ExitStatus> {
  const { folders, output } = context;
  const keys = [];
  for (const name of await listRegisteredKeyNames(folders)) {
    const kept = await readRegisteredKey(folders, name);
    const known = await readLastKnown(folders, name);
    const { keyId, url, secretFile, proof } = kept;
    const places = openRenewalRun(context, kept).places.map(({ place }) => place);
    const { stopsAt = null, askedAt = null } = known ?? {};
    keys.push({ name, keyId, url, secretFile, proof, places, stopsAt, askedAt, file: registeredKeyFile(folders, name) });
  }
  output.json({ keys });
  output.table(
    ['KEY', 'ID', 'GATEWAY', 'STOPS', 'PLACES'],
    keys.map(({ name, keyId, url, stopsAt, places }) => [name, keyId, url, stopsAt ?? '', places.join(', ')]),
    `No key is kept in ${folders.config}.`,
  );
  return exitStatus.OK;
}
