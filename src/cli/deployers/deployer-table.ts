import { z } from 'zod';
import type { Deployer, DeployerHost } from './deployer.ts';
import { execDeployer } from './exec.ts';
import { fileDeployers } from './files/deploy-to-file.ts';
import { githubDeployer } from './github.ts';
import { gitlabDeployer } from './gitlab.ts';

/** All kinds of places, by their name in configurations. To add a kind, add a file and a line here. */
const deployerKinds = { ...fileDeployers, github: githubDeployer, gitlab: gitlabDeployer, exec: execDeployer };

/** The names of all kinds of places. */
export const deployerKindNames: readonly string[] = Object.keys(deployerKinds);

type DeployerSettings = (typeof deployerKinds)[keyof typeof deployerKinds]['settings'];
const settingsOfKinds = Object.values(deployerKinds).map(({ settings }): DeployerSettings => settings);

/** The settings of a place, with its kind. */
export const deploymentSchema = z.discriminatedUnion(
  'to',
  settingsOfKinds as [DeployerSettings, ...DeployerSettings[]],
);

export type Deployment = z.output<typeof deploymentSchema>;

/** Opens the place of the given settings, without any input or output. */
export function openDeployer(settings: Deployment, host: DeployerHost): Deployer {
  // Each kind receives settings that its own schema has validated, which the type of the union cannot express.
  const kind = deployerKinds[settings.to] as { open(settings: Deployment, host: DeployerHost): Deployer };
  return kind.open(settings, host);
}
