import { openClient, type Client } from '../../client/client.ts';
import type { OwnKey } from '../../client/own-key.ts';
import { parseDuration } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { CommandContext } from '../context.ts';
import type { Deployer } from '../deployers/deployer.ts';
import { wholeFileDeployer } from '../deployers/files/whole-file.ts';
import { openDeployer } from '../deployers/deployer-table.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';
import type { RegisteredKey } from './registered-key.ts';
import { createHookRunner, type HookVariables, type RunHook } from './run-hook.ts';

/** The renewal of one key in one run, with everything that its steps need. */
export interface RenewalRun {
  readonly context: CommandContext;
  readonly registeredKey: RegisteredKey;
  /** The key's secret file, then the other places in the order of the configuration. */
  readonly places: readonly [Deployer, ...Deployer[]];
  readonly runHook: RunHook;
  /** Returns a client of the key's gateway that authenticates with a secret. */
  clientOf(secret: Sensitive<string>): Client;
}

/** Opens the renewal of a key, without any input or output. */
export function openRenewalRun(context: CommandContext, registeredKey: RegisteredKey): RenewalRun {
  const { env, output, pause } = context;
  const limit = parseDuration(registeredKey.hookLimit);
  const runHook = createHookRunner(env, output, 'ms' in limit ? limit.ms : 0, registeredKey.hookFolder);
  const host = { env, runHook, pause };
  return {
    context,
    registeredKey,
    places: [
      wholeFileDeployer.open({ to: 'file', file: registeredKey.secretFile }, host),
      ...registeredKey.deploy.map((settings) => openDeployer(settings, host)),
    ],
    runHook,
    clientOf: (secret) => openClient({ url: registeredKey.url, credential: () => secret.reveal() }),
  };
}

/**
 * Reads the secret from the key's file. @throws CommandError DATA if the file holds no valid secret, else as
 * `readPrivateLine`.
 */
export async function readStoredSecret({ secretFile }: RegisteredKey): Promise<Sensitive<string>> {
  const secret = parseSecret((await readPrivateLine(secretFile)).reveal());
  if (secret !== null) return secret;
  throw new CommandError(exitStatus.DATA, `${secretFile} does not hold the complete secret of a key.`);
}

/**
 * Whether a secret is the key's current secret, the only one without `retiresAt`. After an undone rotation the current
 * secret is not the newest generation. Compares the first characters, which is all that the gateway returns; six of them
 * are random, so two secrets of a key practically never share them.
 */
export function isCurrentSecret(secret: Sensitive<string>, { secrets }: Pick<OwnKey, 'secrets'>): boolean {
  return secrets.some(({ start, retiresAt }) => retiresAt === null && secret.reveal().startsWith(start));
}

/** Builds the environment variables of hooks. Omits variables whose value is null. */
export function buildHookVariables(
  { registeredKey }: RenewalRun,
  extra: Readonly<Record<string, string | null>> = {},
): HookVariables {
  const variables = {
    KEYTIDE_NAME: registeredKey.name,
    KEYTIDE_KEY_ID: registeredKey.keyId,
    KEYTIDE_URL: registeredKey.url,
    KEYTIDE_SECRET_FILE: registeredKey.secretFile,
    ...extra,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((variable): variable is [string, string] => typeof variable[1] === 'string'),
  );
}
