import { openClient, type Client } from '../../client/client.ts';
import type { OwnKey } from '../../client/own-key.ts';
import { parseDuration } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { parseSecret } from '../../domain/secret.ts';
import type { CommandContext } from '../context.ts';
import type { Deployer } from '../deployers/deployer.ts';
import { fileDeployers } from '../deployers/files.ts';
import { openDeployer } from '../deployers/deployer-table.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';
import type { RegisteredKey } from './registered-key.ts';
import { createHookRunner, type HookVariables, type RunHook } from './run-hook.ts';

/** One key in one run, with all that its steps need. */
export interface RenewalRun {
  readonly context: CommandContext;
  readonly registeredKey: RegisteredKey;
  /** The file that holds the secret, then every other place, in the order of the configuration. */
  readonly places: readonly [Deployer, ...Deployer[]];
  readonly runHook: RunHook;
  /** Asks the key's gateway with that secret. */
  clientOf(secret: Sensitive<string>): Client;
}

/** Opens a run of a key. Touches nothing. */
export function openRenewalRun(context: CommandContext, kept: RegisteredKey): RenewalRun {
  const { env, output, pause } = context;
  const limit = parseDuration(kept.hookLimit);
  const runHook = createHookRunner(env, output, 'ms' in limit ? limit.ms : 0);
  const host = { env, runHook, pause };
  return {
    context,
    registeredKey: kept,
    places: [
      fileDeployers.file.open({ to: 'file', file: kept.secretFile }, host),
      ...kept.deploy.map((settings) => openDeployer(settings, host)),
    ],
    runHook,
    clientOf: (secret) => openClient({ url: kept.url, credential: () => secret.reveal() }),
  };
}

/** The secret in the key's file. @throws CommandError as `readPrivateLine`, and DATA when it is none. */
export async function readStoredSecret({ secretFile }: RegisteredKey): Promise<Sensitive<string>> {
  const secret = parseSecret((await readPrivateLine(secretFile)).reveal());
  if (secret !== null) return secret;
  throw new CommandError(exitStatus.DATA, `What is in ${secretFile} is no secret of a key, or not the whole of one.`);
}

/**
 * Whether a secret is the one that stays the key's: the one that has no end. After a rotation that was taken back that is not the
 * newest. A gateway shows the first characters of secrets, of which no two of a key are alike.
 */
export function isCurrentSecret(secret: Sensitive<string>, { secrets }: Pick<OwnKey, 'secrets'>): boolean {
  return secrets.some(({ start, retiresAt }) => retiresAt === null && secret.reveal().startsWith(start));
}

/** What hooks are told of a key. */
export function buildHookVariables(
  { registeredKey }: RenewalRun,
  more: Readonly<Record<string, string | null>> = {},
): HookVariables {
  const facts = {
    KEYTIDE_NAME: registeredKey.name,
    KEYTIDE_KEY_ID: registeredKey.keyId,
    KEYTIDE_URL: registeredKey.url,
    KEYTIDE_SECRET_FILE: registeredKey.secretFile,
    ...more,
  };
  return Object.fromEntries(
    Object.entries(facts).filter((fact): fact is [string, string] => typeof fact[1] === 'string'),
  );
}
