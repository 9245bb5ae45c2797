import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startGithub } from '../support/github-server.ts';
import { startGitlab } from '../support/gitlab-server.ts';
import type { ProviderReply, ProviderServer } from '../support/provider-server.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import type { Draw } from '../support/seeded-random.ts';

/** A CI system, which stores a secret for the jobs of each repository. */
export interface CiSystem {
  readonly name: string;
  /** A repository's place in the system, as arguments of `keytide keep --deploy`. */
  place(repository: string): readonly string[];
  /** The secret that a job of the repository reads now. */
  read(repository: string): string;
  /** Makes its secret store fail from now on: always if `isAway`, else now and then. */
  disturb(isAway: boolean): void;
}

/** The four CI systems. */
export interface CiSystems {
  readonly all: readonly CiSystem[];
  /** The environment of a command that deploys to them. */
  readonly env: Readonly<Record<string, string>>;
}

/** The share of requests to an available provider that fail. */
const FAILURE_SHARE = 1 / 8;

const VARIABLE = 'ACME_KEY';

export async function openCiSystems(repositories: readonly string[], draw: Draw): Promise<CiSystems> {
  const github = await startGithub();
  const gitlab = await startGitlab(repositories.map((repository) => `projects/acme/${repository}`));
  const [azure, jenkins] = [openFolder(), openFolder()];

  const githubActions: CiSystem = {
    name: 'GitHub Actions',
    place: (repository) => {
      const names = { repository: `acme/${repository}`, secret: VARIABLE };
      return wordsOf('github', { ...names, apiUrl: github.url, tokenVariable: 'GH' });
    },
    read: (repository) => github.secrets.get(`/repos/acme/${repository}/actions/secrets/${VARIABLE}`) ?? '',
    disturb: (isAway) => disturb(github, draw, isAway),
  };
  const gitlabCi: CiSystem = {
    name: 'GitLab CI',
    place: (repository) => {
      const names = { project: `acme/${repository}`, variable: VARIABLE };
      return wordsOf('gitlab', { ...names, apiUrl: `${gitlab.url}/api/v4`, tokenVariable: 'GL' });
    },
    read: (repository) => gitlab.variables.get(`projects/acme/${repository}`)?.[0]?.value ?? '',
    disturb: (isAway) => disturb(gitlab, draw, isAway),
  };
  const azurePipelines: CiSystem = {
    name: 'Azure Pipelines',
    place: (repository) => wordsOf('dotenv', { file: join(azure.link, repository), name: VARIABLE }),
    read: (repository) => azure.read(repository).slice(`${VARIABLE}=`.length),
    disturb: azure.disturb,
  };
  const jenkinsJobs: CiSystem = {
    name: 'Jenkins',
    place: (repository) => {
      const file = join(jenkins.link, repository);
      return wordsOf('exec', { command: `cat "$KEYTIDE_SECRET_FILE" > ${file}.new && mv ${file}.new ${file}` });
    },
    read: jenkins.read,
    disturb: jenkins.disturb,
  };
  return { all: [githubActions, gitlabCi, azurePipelines, jenkinsJobs], env: { GH: github.token, GL: gitlab.token } };
}

/** Opens a folder that is read directly and written through a link, which can be removed. */
function openFolder(): Pick<CiSystem, 'read' | 'disturb'> & { readonly link: string } {
  const [folder, link] = [scratchFolder(), join(scratchFolder(), 'way')];
  symlinkSync(folder, link);
  return {
    link,
    read: (file) => readFileSync(join(folder, file), 'utf8').trim(),
    disturb(isAway) {
      rmSync(link, { force: true });
      if (!isAway) symlinkSync(folder, link);
    },
  };
}

function disturb(provider: ProviderServer, draw: Draw, isAway: boolean): void {
  provider.disturb((carryOut: () => ProviderReply) => {
    if (!isAway && !draw.isChance(FAILURE_SHARE)) return carryOut();
    const status = isAway ? 503 : draw.pick([500, 503, 409]);
    // A request that failed may have been executed.
    if (status === 500 && draw.isChance(0.5)) carryOut();
    return { status, body: { message: 'not now' } };
  });
}

function wordsOf(kind: string, settings: Readonly<Record<string, string>>): string[] {
  return [kind, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)];
}
