import { z } from 'zod';
import type { Deployer, DeployerHost } from './deployer.ts';
import { exec } from './exec.ts';
import { files } from './files.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

/** Every kind of place, by the name that configurations give it. A new one is a file and a line here. */
const kinds = { ...files, github, gitlab, exec };

/** The names of the kinds. */
export const deployerNames: readonly string[] = Object.keys(kinds);

/** What a person wrote of a place, checked. */
export const deployment = z.discriminatedUnion('to', [
  files.file.settings,
  files.dotenv.settings,
  files.npmrc.settings,
  files.nuget.settings,
  files.netrc.settings,
  files.docker.settings,
  github.settings,
  gitlab.settings,
  exec.settings,
]);

export type Deployment = z.output<typeof deployment>;

/** The place that settings speak of. Touches nothing. */
export function openDeployer(settings: Deployment, host: DeployerHost): Deployer {
  // Each kind gets the settings that it has checked itself, which the type of a union cannot say.
  const kind = kinds[settings.to] as { open(settings: Deployment, host: DeployerHost): Deployer };
  return kind.open(settings, host);
}
