import { Option } from 'commander';
import { MINUTE_MS } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { deploymentSchema, openDeployer } from '../deployers/deployer-table.ts';
import type { Deployer } from '../deployers/deployer.ts';
import { readDeployments } from '../deployers/read-deployments.ts';
import { readJobToken, type JobTokenOptions } from '../exchange/read-job-token.ts';
import { requestExchange } from '../exchange/request-exchange.ts';
import { runWithSecret } from '../exchange/run-with-secret.ts';
import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';
import { readLogin } from '../login/stored-login.ts';
import { createHookRunner } from '../renewal/run-hook.ts';
import {
  declareSecretPlace,
  discardSecretPlace,
  openSecretPlace,
  toSecretMember,
  writeSecret,
  type SecretOptions,
} from '../secret-place.ts';
import { warnOfPlainHttp } from '../warn-of-plain-http.ts';

/** The parsed options. */
interface Options extends SecretOptions, JobTokenOptions {
  readonly url?: string;
  readonly env?: string;
  readonly deploy?: readonly string[];
  readonly json?: true;
}

/** The time limit of a command that deploys, in ms. */
const DEPLOY_LIMIT_MS = 10 * MINUTE_MS;

/**
 * Exchanges the token of a CI job for a key that lives 15 minutes. The secret goes to a new file, to other places, or to
 * the environment of a command, and to standard output only on request.
 *
 * With `--json`: `{ keyId, expiresAt, secretFile }`, with `--show` `{ keyId, expiresAt, secret }`, with `--deploy`
 * `{ keyId, expiresAt, places }`.
 */
export const exchangeCommand: Command = {
  declare(parser) {
    parser
      .argument('[command...]', 'after --: a command to run with the secret in the variable of --env')
      .option('--url <url>', 'the gateway; default $KEYTIDE_URL, else the gateway of the login')
      .addOption(
        new Option('--token-file <path>', 'the file with the token; default: standard input').conflicts('tokenEnv'),
      )
      .option('--token-env <name>', 'the environment variable with the token')
      .option('--env <name>', 'the variable in which the command receives the secret')
      .option('--deploy <words...>', 'a place for the secret: a kind and its settings, such as npmrc file=.npmrc');
    declareSecretPlace(parser).option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [words], options }) {
    const flags = options as Options;
    const command = (words ?? []) as readonly string[];
    checkPlaces(command, flags);
    const url = flags.url ?? (context.env['KEYTIDE_URL'] || (await readLogin(context.folders).catch(() => null))?.url);
    if (url === undefined) throw new CommandError(exitStatus.USAGE, 'Give the URL of the gateway with --url.');
    warnOfPlainHttp(context.output, url);
    const token = await readJobToken(context, flags);
    if (command.length > 0) return runCommandWithKey(context, url, token, command, flags);
    return flags.deploy === undefined
      ? writeKey(context, url, token, flags)
      : deployKey(context, url, token, flags.deploy);
  },
};

/** Checks that the options name exactly one kind of place. @throws CommandError USAGE if not. */
function checkPlaces(command: readonly string[], { to, show, env, deploy, json }: Options): void {
  const isCommand = command.length > 0;
  const count = [isCommand, deploy !== undefined, to !== undefined || show === true].filter(Boolean).length;
  const expected = 'expected one of --to <file>, --show, --deploy <words...>, or --env <name> with -- and a command';
  if (count !== 1)
    throw usageError(`Found ${count === 0 ? 'no place' : 'several places'} for the secret; ${expected}.`);
  if (isCommand !== (env !== undefined)) throw usageError(`Found only one of --env and a command; ${expected}.`);
  if (env !== undefined && !/^[A-Za-z_]\w*$/.test(env)) {
    throw usageError(`--env: found ${JSON.stringify(env)}; expected the name of an environment variable.`);
  }
  if (isCommand && json === true) throw usageError('Found --json and a command, whose output is standard output.');
}

function usageError(message: string): CommandError {
  return new CommandError(exitStatus.USAGE, message);
}

async function writeKey(
  context: CommandContext,
  url: string,
  token: Sensitive<string>,
  options: Options,
): Promise<ExitStatus> {
  const place = await openSecretPlace(options);
  const key = await exchange(context, url, token).catch(async (error: unknown) => {
    await discardSecretPlace(place);
    throw error;
  });
  await writeSecret(context, place, key.secret);
  report(context, key, toSecretMember(key.secret, place), place.file);
  return exitStatus.OK;
}

async function deployKey(
  context: CommandContext,
  url: string,
  token: Sensitive<string>,
  words: readonly string[],
): Promise<ExitStatus> {
  const places = openPlaces(context, words);
  for (const { check } of places) await check();
  const key = await exchange(context, url, token);
  const variables = { KEYTIDE_KEY_ID: key.keyId, KEYTIDE_URL: url };
  for (const { place, put } of places) {
    await put(key.secret, variables).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      const found = `${place}: ${error.message} The token is used up, and the key ${key.keyId} expires at ${key.expiresAt}`;
      throw new CommandError(error.status, `${found}: run the command again with a new token.`, error);
    });
  }
  const names = places.map(({ place }) => place);
  report(context, key, { places: names }, names.join(', '));
  return exitStatus.OK;
}

function openPlaces(context: CommandContext, words: readonly string[]): Deployer[] {
  const { env, output, pause } = context;
  const host = { env, runHook: createHookRunner(env, output, DEPLOY_LIMIT_MS), pause };
  return readDeployments(context, words).map((settings) => {
    const checked = deploymentSchema.safeParse(settings);
    if (checked.success) return openDeployer(checked.data, host);
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
    throw new CommandError(exitStatus.CONFIG, `--deploy: ${problems.join('; ')}.`);
  });
}

async function runCommandWithKey(
  context: CommandContext,
  url: string,
  token: Sensitive<string>,
  command: readonly string[],
  { env: variable = '', tokenEnv }: Options,
): Promise<ExitStatus> {
  const { secret } = await exchange(context, url, token);
  // The command does not need the token of the job.
  const env = Object.fromEntries(Object.entries(context.env).filter(([name]) => name !== tokenEnv));
  return (await runWithSecret(command, env, variable, secret)) as ExitStatus;
}

interface IssuedKey {
  readonly keyId: string;
  readonly secret: Sensitive<string>;
  /** By the clock of this machine. */
  readonly expiresAt: string;
}

async function exchange(context: CommandContext, url: string, token: Sensitive<string>): Promise<IssuedKey> {
  const { keyId, secret, expiresInSeconds } = await requestExchange(context, url, token);
  const expiresAt = new Date(context.now().getTime() + expiresInSeconds * 1000).toISOString();
  return { keyId, secret: new Sensitive(secret), expiresAt };
}

function report({ output }: CommandContext, { keyId, expiresAt }: IssuedKey, place: object, name: string | null): void {
  output.json({ keyId, expiresAt, ...place });
  output.note(`The key ${keyId} is ${name === null ? 'above' : `in ${name}`}. It expires at ${expiresAt}.`);
}
