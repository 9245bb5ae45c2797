import { z } from 'zod';
import type { Deployer, DeployerHost } from './deployer.ts';
import { execDeployer } from './exec.ts';
import { fileDeployers } from './files.ts';
import { githubDeployer } from './github.ts';
import { gitlabDeployer } from './gitlab.ts';

/** Every kind of place, by the name that configurations give it. A new one is a file and a line here. */
const deployerKinds = { ...fileDeployers, github: githubDeployer, gitlab: gitlabDeployer, exec: execDeployer };

/** The names of the kinds. */
export const deployerKindNames: readonly string[] = Object.keys(deployerKinds);

/** What a person wrote of a place, checked. */
export const deploymentSchema = z.discriminatedUnion('to', [
  fileDeployers.file.settings,
  fileDeployers.dotenv.settings,
  fileDeployers.npmrc.settings,
  fileDeployers.nuget.settings,
  fileDeployers.netrc.settings,
  fileDeployers.docker.settings,
  githubDeployer.settings,
  gitlabDeployer.settings,
  execDeployer.settings,
]);

export type Deployment = z.output<typeof deploymentSchema>;

/** The place that settings speak of. Touches nothing. */
export function openDeployer(settings: Deployment, host: DeployerHost): Deployer {
  // Each kind gets the settings that it has checked itself, which the type of a union cannot say.
  const kind = deployerKinds[settings.to] as { open(settings: Deployment, host: DeployerHost): Deployer };
  return kind.open(settings, host);
}
