import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { codeBlocks, readGuide } from '../docs/read-guide.ts';
import {
  expectNone,
  JOB_CREDENTIAL,
  openWorkflowWorld,
  type Jobs,
  type WorkflowWorld,
} from '../support/workflow-world.ts';

const guide = ['github', 'gitlab', 'azure', 'circleci', 'jenkins']
  .map((provider) => readGuide(`workflows-${provider}`))
  .join('\n');
const AUDIENCE = 'https://keys.example.com/default';
const URL_OF_THE_GUIDE = 'https://keys.example.com';
const GITHUB = 'https://token.actions.githubusercontent.com';

/** Returns the code blocks of a language whose first line ends with the heading. */
function blocks(language: string, heading = ''): string[] {
  return codeBlocks(guide, language).filter((block) => block.split('\n')[0]!.endsWith(heading));
}

/** Parses the workflow whose first line ends with the given text. */
const workflow = (line: string): any => parse(blocks('yaml', line)[0]!);

const jobs = (preset: string | null, url: string, id: string, more: Partial<Jobs> = {}): Jobs => ({
  preset,
  url,
  id,
  audience: AUDIENCE,
  ...more,
  claims: { sub: 'job:1', [id]: '6154722', ...more.claims },
});

/** Runs the workflow of a provider. Returns its log, without the lines that the runner removes, and the key. */
interface ExchangeScript {
  readonly jobs: Jobs;
  run(world: WorkflowWorld, env: Record<string, string>): Promise<{ shown: string; key: string }>;
}

const exchangeScripts: Record<string, ExchangeScript> = {
  'GitHub Actions': {
    jobs: jobs('GITHUB_ACTIONS', GITHUB, 'repository_owner_id', {
      claims: { event_name: 'push', ref: 'refs/tags/v1' },
    }),
    async run(world, env) {
      const { env: own, steps } = workflow('release.yml: no stored key, by curl').jobs.release;
      expect(own).toEqual({ KEYTIDE_URL: URL_OF_THE_GUIDE, AUDIENCE });
      const request = {
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: JOB_CREDENTIAL,
        ACTIONS_ID_TOKEN_REQUEST_URL: `${world.provider.url}/github?api-version=2.0`,
      };
      const shell = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'];
      const shown = await world.run(shell, steps[1].run, { ...own, ...request, ...env });
      const [line = '', masked = ''] = /^::add-mask::(.+)\n/m.exec(shown) ?? [];
      expect(masked).toBe(world.published());
      return { shown: shown.replace(line, ''), key: masked };
    },
  },
  'GitLab CI': {
    jobs: jobs('GITLAB', 'https://gitlab.com', 'project_id', { claims: { pipeline_source: 'push' } }),
    async run(world, env) {
      const { id_tokens, variables, script } = workflow('.gitlab-ci.yml: no stored key').release;
      expect([variables, id_tokens]).toEqual([{ KEYTIDE_URL: URL_OF_THE_GUIDE }, { KEYTIDE_TOKEN: { aud: AUDIENCE } }]);
      const shown = await world.run(['sh'], script.join('\n'), { KEYTIDE_TOKEN: world.token(), ...env });
      return { shown, key: world.published() };
    },
  },
  'Azure Pipelines': {
    jobs: jobs('AZURE_PIPELINES', 'https://vstoken.dev.azure.com/6154722', 'org_id', {
      audience: 'api://AzureADTokenExchange',
      claims: { rpo_ref: 'refs/tags/v1' },
    }),
    async run(world, env) {
      const { variables, steps } = workflow('azure-pipelines.yml: no stored key');
      expect(variables).toEqual({ KEYTIDE_URL: URL_OF_THE_GUIDE });
      expect(steps.map((step: any) => step.env)).toEqual([
        { SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' },
        { API_KEY: '$(API_KEY)' },
      ]);
      const shell = ['bash', '--noprofile', '--norc'];
      const request = { SYSTEM_ACCESSTOKEN: JOB_CREDENTIAL, SYSTEM_OIDCREQUESTURI: `${world.provider.url}/azure` };
      const first = await world.run(shell, steps[0].bash, { ...request, ...env });
      const [line = '', key = ''] =
        /^##vso\[task\.setvariable variable=API_KEY;issecret=true\](.+)\n/m.exec(first) ?? [];
      const second = await world.run(shell, steps[1].bash, { API_KEY: key });
      expect(world.published()).toBe(key);
      return { shown: first.replace(line, '') + second, key };
    },
  },
  CircleCI: {
    jobs: jobs('CIRCLECI', 'https://oidc.circleci.com/org/6154722', 'oidc.circleci.com/org-id'),
    async run(world, env) {
      const { environment, steps } = workflow('config.yml: no stored key').jobs.release;
      expect(environment.KEYTIDE_URL).toBe(URL_OF_THE_GUIDE);
      const { aud } = JSON.parse(environment.CLAIMS);
      writeFileSync(join(world.folder, 'circleci-token'), world.token(aud));
      const shown = await world.run(['bash', '-eo', 'pipefail'], steps[1].run.command, { ...environment, ...env });
      expect(world.argumentsSoFar()).toContain(`--claims\n${environment.CLAIMS}\n`);
      return { shown, key: world.published() };
    },
  },
  Jenkins: {
    jobs: jobs(null, 'https://jenkins.internal/oidc', 'sub', {
      claims: { sub: 'https://jenkins.internal/job/release/' },
    }),
    async run(world, env) {
      const script = shellOf(blocks('groovy', ': no stored key')[0]!);
      // The default shell of Jenkins (jenkins.io, "Pipeline: Nodes and Processes").
      const shown = await world.run(['sh', '-xe'], script, { KEYTIDE_TOKEN: world.token(), ...env });
      return { shown, key: world.published() };
    },
  },
};

/** Returns the script of a Jenkinsfile, unescaped like a Groovy text in triple quotes. */
function shellOf(jenkinsfile: string): string {
  const [, script = ''] = /'''(.*?)'''/s.exec(jenkinsfile) ?? [];
  return script.replaceAll('\\\n', '').replaceAll('\\n', '\n');
}

test.each(Object.entries(exchangeScripts))(
  'workflows: the one of %s gets a key and prints no secret',
  async (_, way) => {
    const world = await openWorkflowWorld(way.jobs);
    const { shown, key } = await way.run(world, { KEYTIDE_URL: world.gateway.url });
    expect(await world.verify(key)).toBe('VALID');
    const secrets = [key, JOB_CREDENTIAL, ...world.tokens];
    expect(secrets.length).toBeGreaterThan(2);
    expectNone(shown, secrets);
    expectNone(world.argumentsSoFar(), secrets);
    expect(world.argumentsSoFar()).toContain('subject_token@-');
  },
);

test.each(Object.entries(exchangeScripts))(
  'workflows: the one of %s fails with the message of the gateway if no token rule matches',
  async (_, way) => {
    const { id } = way.jobs;
    const world = await openWorkflowWorld(way.jobs);
    await world.gateway.prisma.tokenRule.deleteMany();
    await expect(way.run(world, { KEYTIDE_URL: world.gateway.url }), id).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No rule of its issuer matches the claims of this token.'),
    });
  },
);

test('workflows: every provider has both variants, in blocks that can be parsed', () => {
  const written = blocks('yaml').map((block) => [block.split('\n')[0], parse(block)]);
  for (const [name, content] of written) expect(content, name).toBeTypeOf('object');
  const names = [...blocks('yaml'), ...blocks('groovy')].map((block) => block.split('\n')[0]!.replace(/^\W+/, ''));
  expect(names).toEqual([
    'github/workflows/release.yml: no stored key',
    'github/workflows/release.yml: no stored key, by curl',
    'github/workflows/renew.yml: a stored key',
    'gitlab-ci.yml: no stored key',
    'gitlab-ci.yml: a stored key',
    'azure-pipelines.yml: no stored key',
    'azure-pipelines-renew.yml: a stored key',
    'circleci/config.yml: no stored key',
    'circleci/config.yml: a stored key',
    'Jenkinsfile: no stored key',
    'Jenkinsfile: a stored key',
  ]);
});
