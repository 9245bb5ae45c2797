import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { workflowFileOf } from '../../src/domain/workflow-file.ts';
import { presetNames, type PresetName } from '../../src/issuers/presets/presets.ts';
import { openIssuerWorld, type IssuerWorld } from '../support/issuer-world.ts';
import { jwkOf, newKey, signToken } from '../support/test-issuer.ts';

/** A job's token claims, and a rule for them. */
interface Job {
  readonly url: string;
  readonly claims: Record<string, unknown>;
  /** The rule's conditions, by equals. */
  readonly conditions: Record<string, string>;
  readonly consumer: string;
  /** Claims that an attacker could get who took over a name or runs code in a fork or pull request. They must be refused. */
  readonly refused: { readonly [name: string]: object };
  /** Whether its tokens have a jti. */
  readonly hasTokenIds: boolean;
}

const uuid = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;
const circle = (name: string) => `oidc.circleci.com/${name}`;

const jobs: { readonly [Name in PresetName]: Job } = {
  GITHUB_ACTIONS: {
    url: 'https://token.actions.githubusercontent.com',
    claims: {
      sub: 'repo:acme/app:environment:release',
      repository: 'acme/app',
      repository_id: '74',
      repository_owner: 'acme',
      repository_owner_id: '65',
      ref: 'refs/heads/main',
      event_name: 'push',
      environment: 'release',
      workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main',
      job_workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main',
    },
    conditions: {
      repository_owner_id: '65',
      repository: 'acme/app',
      workflow_file: 'release.yml',
      environment: 'release',
    },
    consumer: 'acme/app',
    refused: {
      'the same names, owned by another account': { repository_owner_id: '66' },
      'no id of its owner': { repository_owner_id: undefined },
      'an id that is a list': { repository_owner_id: ['65'] },
      'another repository of the owner': { repository: 'acme/other' },
      'the repository in other letters': { repository: 'Acme/App' },
      'the repository with white space': { repository: 'acme/app ' },
      'no environment': { environment: undefined },
      'another environment': { environment: 'staging' },
      'the environment in other letters': { environment: 'Release' },
      'an environment of nothing': { environment: '' },
      'another workflow': { workflow_ref: 'acme/app/.github/workflows/test.yml@refs/heads/main' },
      'a workflow of another repository': { workflow_ref: 'evil/app/.github/workflows/release.yml@refs/heads/main' },
      'a workflow that is named in its branch': {
        workflow_ref: 'acme/app/.github/workflows/test.yml@refs/heads/x/.github/workflows/release.yml@refs/heads/main',
      },
      'a workflow in a deeper folder': { workflow_ref: 'acme/app/.github/workflows/a/release.yml@refs/heads/main' },
      'a workflow whose name goes on': { workflow_ref: 'acme/app/.github/workflows/release.yml.yml@refs/heads/main' },
      'a workflow of no ref': { workflow_ref: 'acme/app/.github/workflows/release.yml' },
      'no workflow': { workflow_ref: undefined },
      'a workflow file that the token itself names': {
        workflow_ref: 'acme/app/.github/workflows/test.yml@refs/heads/main',
        workflow_file: 'release.yml',
      },
      'a pull request': { event_name: 'pull_request' },
      'a pull request with the rights of its target': { event_name: 'pull_request_target' },
      'a review': { event_name: 'pull_request_review' },
      'a workflow that another one caused': { event_name: 'workflow_run' },
      'a comment': { event_name: 'issue_comment' },
      'an issue': { event_name: 'issues' },
      'a discussion': { event_name: 'discussion_comment' },
      'a fork': { event_name: 'fork' },
      'a page of a wiki': { event_name: 'gollum' },
      'an event that is not a string': { event_name: ['pull_request'] },
      'a ref of a pull request': { ref: 'refs/pull/7/merge' },
      'no jti': { jti: undefined },
    },
    hasTokenIds: true,
  },
  GITLAB: {
    url: 'https://gitlab.com',
    claims: {
      sub: 'project_path:acme/app:ref_type:branch:ref:main',
      namespace_id: '65',
      namespace_path: 'acme',
      project_id: '74',
      project_path: 'acme/app',
      pipeline_source: 'push',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
    },
    conditions: { project_id: '74', ref_protected: 'true' },
    consumer: 'acme/app',
    refused: {
      'a project made again under the path': { project_id: '75' },
      'a branch that is not protected': { ref_protected: 'false' },
      'a merge request': { pipeline_source: 'merge_request_event' },
      'a pull request of elsewhere': { pipeline_source: 'external_pull_request_event' },
      'a child pipeline, which may be of a merge request': { pipeline_source: 'parent_pipeline' },
      'a pipeline source that is not a string': { pipeline_source: ['push'] },
      'no jti': { jti: undefined },
    },
    hasTokenIds: true,
  },
  AZURE_PIPELINES: {
    url: `https://vstoken.dev.azure.com/${uuid('1')}`,
    claims: {
      sub: 'p://acme/app/release',
      org_id: uuid('1'),
      prj_id: uuid('2'),
      rpo_id: uuid('3'),
      def_id: '9',
      rpo_uri: 'https://dev.azure.com/acme/app/_git/app',
      rpo_ref: 'refs/heads/main',
    },
    conditions: { prj_id: uuid('2'), def_id: '9' },
    consumer: 'https://dev.azure.com/acme/app/_git/app',
    refused: {
      'a project made again': { prj_id: uuid('4') },
      'another pipeline': { def_id: '10' },
      'a pull request': { rpo_ref: 'refs/pull/3/merge' },
      'no jti': { jti: undefined },
    },
    hasTokenIds: true,
  },
  CIRCLECI: {
    url: `https://oidc.circleci.com/org/${uuid('1')}`,
    claims: {
      sub: `org/${uuid('1')}/project/${uuid('2')}/user/${uuid('3')}`,
      [circle('project-id')]: uuid('2'),
      [circle('org-id')]: uuid('1'),
      [circle('vcs-ref')]: 'refs/heads/main',
      [circle('ssh-rerun')]: false,
    },
    conditions: { [circle('project-id')]: uuid('2') },
    consumer: uuid('2'),
    refused: {
      'a project made again': { [circle('project-id')]: uuid('4') },
      'a pull request of a fork': { [circle('vcs-ref')]: 'refs/heads/pull/12' },
      'a job that was rerun with SSH': { [circle('ssh-rerun')]: true },
    },
    hasTokenIds: false,
  },
  BUILDKITE: {
    url: 'https://agent.buildkite.com',
    claims: {
      sub: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:1234:step:build',
      organization_id: uuid('1'),
      organization_slug: 'acme',
      pipeline_id: uuid('2'),
      pipeline_slug: 'app',
      build_branch: 'main',
    },
    conditions: { pipeline_id: uuid('2'), build_branch: 'main' },
    consumer: 'app',
    refused: {
      'a pipeline made again under the slug': { pipeline_id: uuid('3') },
      'no id, which a job has to ask for': { pipeline_id: undefined },
      'another branch': { build_branch: 'feature' },
      'a branch of a fork': { build_branch: 'evil:main' },
    },
    hasTokenIds: false,
  },
  BITBUCKET: {
    url: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    claims: {
      sub: `{${uuid('1')}}:{${uuid('2')}}`,
      workspaceUuid: `{${uuid('3')}}`,
      repositoryUuid: `{${uuid('1')}}`,
      branchName: 'main',
    },
    conditions: { repositoryUuid: `{${uuid('1')}}`, branchName: 'main' },
    consumer: `{${uuid('1')}}`,
    refused: {
      'a repository made again': { repositoryUuid: `{${uuid('4')}}` },
      'another branch': { branchName: 'feature' },
    },
    hasTokenIds: false,
  },
  KUBERNETES: {
    url: 'https://kubernetes.default.svc.cluster.local',
    claims: {
      sub: 'system:serviceaccount:ci:releaser',
      'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'releaser', uid: uuid('1') } },
    },
    conditions: { '/kubernetes.io/serviceaccount/uid': uuid('1'), '/kubernetes.io/namespace': 'ci' },
    consumer: 'system:serviceaccount:ci:releaser',
    refused: {
      'a service account made again under the name': {
        'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'releaser', uid: uuid('2') } },
      },
      'another namespace': {
        'kubernetes.io': { namespace: 'other', serviceaccount: { name: 'releaser', uid: uuid('1') } },
      },
      'no account': { 'kubernetes.io': { namespace: 'ci' } },
      'a name that looks like the way': { 'kubernetes.io': {}, '/kubernetes.io/serviceaccount/uid': uuid('1') },
    },
    hasTokenIds: false,
  },
};

const toConditions = (expected: Record<string, string>) =>
  Object.entries(expected).map(([claim, equals]) => ({ claim, equals }));

/** Opens a gateway that trusts a job's provider by imported keys, with the job's rule. */
async function openJob(
  preset: PresetName,
): Promise<IssuerWorld & { take: (more?: object) => ReturnType<IssuerWorld['exchange']> }> {
  const { url, claims, conditions } = jobs[preset];
  const key = newKey('provider', 'RS256');
  const keySet = { keys: [jwkOf(key)] };
  const rule = { conditions: toConditions(conditions) };
  const tokens = await openIssuerWorld({ trust: { preset, url, keySet }, rule });
  const take = (more: object = {}) =>
    tokens.exchange(signToken(key, { ...tokens.claims(), iss: url, ...claims, ...more }));
  return { ...tokens, take };
}

test.each(presetNames)(
  'preset %s: a genuine job gets a key, and a job that took over a name or runs for a fork does not',
  async (preset) => {
    const { consumer, refused, hasTokenIds } = jobs[preset];
    const { take, gateway } = await openJob(preset);
    const { status, keyId } = await take();
    expect(status).toBe(200);
    const label = await gateway.prisma.label.findFirstOrThrow({ where: { keyId, name: 'ci/consumer' } });
    expect(label.value).toBe(consumer);
    for (const [name, more] of Object.entries(refused)) {
      const { description, ...answer } = await take(more);
      expect([name, answer.status, description]).toEqual([
        name,
        400,
        expect.stringMatching(/No rule|The token has no jti/),
      ]);
    }
    gateway.clock.advance(1_000);
    const nameless = await take({ jti: undefined });
    const again = await take({ jti: undefined });
    expect([nameless.status, again.status]).toEqual(hasTokenIds ? [400, 400] : [200, 400]);
  },
);

test.each(presetNames)('preset %s: a rule without an id is refused, and so is a glob on sub', async (preset) => {
  const { world, gateway, issuerId, ownerId } = await openJob(preset);
  const add =
    'mutation ($input: AddTokenRuleInput!) { addTokenRule(input: $input) { __typename ... on UserError { message } } }';
  const terms = { issuerId, name: 'x', scopes: [{ action: 'package:push', resource: '*' }], owner: ownerId };
  const ids = Object.entries(jobs[preset].conditions)[0]!;
  for (const conditions of [
    [{ claim: 'sub', equals: String(jobs[preset].claims['sub']) }],
    [{ claim: 'repository', equals: 'acme/app' }],
    [{ claim: ids[0], matches: '*' }],
  ]) {
    const { data } = await gateway.ask(add, { input: { ...terms, conditions } }, await gateway.admin());
    expect(data['addTokenRule']).toMatchObject({ __typename: 'TokenRuleNotPinned' });
  }
  for (const claim of ['sub', '/sub']) {
    const conditions = [
      { claim: ids[0], equals: ids[1] },
      { claim, matches: '**' },
    ];
    const { errors } = await gateway.ask(add, { input: { ...terms, conditions } }, await gateway.admin());
    expect(errors?.[0]?.message).toContain('sub can be compared only by equals');
  }
  const update = { ruleId: await world.gateway.prisma.tokenRule.findFirstOrThrow().then(({ id }) => id) };
  const mutation = 'mutation ($input: UpdateTokenRuleInput!) { updateTokenRule(input: $input) { __typename } }';
  const conditions = [{ claim: 'repository', equals: 'acme/app' }];
  const changed = await gateway.ask(mutation, { input: { ...update, conditions } }, await gateway.admin());
  expect(changed.data['updateTokenRule'].__typename).toBe('TokenRuleNotPinned');
});

test('preset GITHUB_ACTIONS: an enterprise may have an issuer of its own', async () => {
  const { world } = await openJob('GITHUB_ACTIONS');
  const keySet = { keys: [jwkOf(newKey('provider', 'RS256'))] };
  for (const url of [
    'https://token.actions.githubusercontent.com/acme',
    'https://token.actions.acme.ghe.com',
    'https://github.acme.example/_services/token',
  ]) {
    const trusted = { realm: 'default', preset: 'GITHUB_ACTIONS', url, keySet };
    expect((await world.mutate('trustIssuer', trusted, 'issuer { url }')).issuer).toEqual({ url });
  }
});

test('preset: a refused context is accepted by a rule that names its exact value', async () => {
  const { take, addRule } = await openJob('GITHUB_ACTIONS');
  const ofEvent = (condition: object) => ({
    conditions: [
      { claim: 'repository_id', equals: '74' },
      { claim: 'event_name', ...condition },
    ],
  });
  const pullRequest = { event_name: 'pull_request', environment: undefined };
  await addRule(ofEvent({ matches: 'pull_request*' }));
  expect((await take(pullRequest)).status).toBe(400);
  await addRule(ofEvent({ equals: 'pull_request' }));
  expect((await take(pullRequest)).status).toBe(200);
  expect((await take({ ...pullRequest, event_name: 'pull_request_target' })).status).toBe(400);
  expect((await take({ ...pullRequest, ref: 'refs/pull/7/merge' })).status).toBe(400);
});

test('workflow file: is parsed from any repository, file and ref, and from nothing else', () => {
  const word = fc.stringMatching(/^[\w.@-]{1,20}$/);
  const file = fc.tuple(word, fc.constantFrom('.yml', '.yaml')).map((parts) => parts.join(''));
  const ref = fc
    .array(fc.oneof(word, fc.constantFrom('refs', 'heads', '.github', 'workflows', 'a.yml@refs', 'release.yml')), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => `refs/${parts.join('/')}`);
  fc.assert(
    fc.property(word, word, file, ref, (owner, name, file, ref) => {
      const repository = `${owner}/${name}`;
      expect(workflowFileOf(`${repository}/.github/workflows/${file}@${ref}`, repository)).toBe(file);
      expect(workflowFileOf(`${repository}/.github/workflows/${file}@${ref}`, `${owner}/x${name}`)).toBeNull();
      expect(workflowFileOf(`${repository}/.github/workflows/deep/${file}@${ref}`, repository)).toBeNull();
    }),
  );
});
