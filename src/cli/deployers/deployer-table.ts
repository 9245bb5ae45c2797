import { z } from 'zod';
import type { Deployer, DeployerHost } from './deployer.ts';
import { execDeployer } from './exec.ts';
import { dockerDeployer } from './files/docker-config.ts';
import { dotenvDeployer } from './files/dotenv.ts';
import { netrcDeployer } from './files/netrc.ts';
import { npmrcDeployer } from './files/npmrc.ts';
import { nugetDeployer } from './files/nuget-config.ts';
import { wholeFileDeployer } from './files/whole-file.ts';
import { githubDeployer } from './github.ts';
import { gitlabDeployer } from './gitlab.ts';

/**
 * All kinds of places. To add a kind, add a file and a row here: the schema of the settings and the names follow from
 * this list.
 */
const deployerKinds = [
  wholeFileDeployer,
  dotenvDeployer,
  npmrcDeployer,
  nugetDeployer,
  netrcDeployer,
  dockerDeployer,
  githubDeployer,
  gitlabDeployer,
  execDeployer,
] as const;

type SettingsOf<Kinds extends readonly { readonly settings: unknown }[]> = {
  readonly [Index in keyof Kinds]: Kinds[Index]['settings'];
};

const settingsOfKinds = deployerKinds.map(({ settings }) => settings) as unknown as SettingsOf<typeof deployerKinds>;

/** The settings of a place, with its kind. */
export const deploymentSchema = z.discriminatedUnion('to', settingsOfKinds);

export type Deployment = z.output<typeof deploymentSchema>;

/** The names of all kinds of places. */
export const deployerKindNames: readonly string[] = settingsOfKinds.map(({ shape }) => shape.to.value);

/** Opens the place of the given settings, without any input or output. */
export function openDeployer(settings: Deployment, host: DeployerHost): Deployer {
  // Each kind receives settings that its own schema has validated, which the type of the union cannot express.
  const kind = deployerKinds[deployerKindNames.indexOf(settings.to)] as {
    open(settings: Deployment, host: DeployerHost): Deployer;
  };
  return kind.open(settings, host);
}
