import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { presets } from '../../src/issuers/presets/presets.ts';
import { openGateway } from '../support/gateway.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { jwkOf, newKey, signToken } from '../support/test-issuer.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const execute = promisify(execFile);
/** The script of the step that exchanges, and the audience that it asks for. */
function exchangeStep(): { script: string; audience: string } {
  const [workflow = ''] = codeBlocks(readGuide('ci-exchange'), 'yaml');
  const [, indent = '', script = ''] = /^( +)run: \|\n((?:\1 {2}.*\n)+)/m.exec(workflow) ?? [];
  const [, audience = ''] = /AUDIENCE: (\S+)/.exec(workflow) ?? [];
  return { script: script.replaceAll(new RegExp(`^${indent} {2}`, 'gm'), ''), audience };
}

/** What stands for GitHub in a job: it gives out tokens for the audience that is asked for. */
async function openJobs(key: ReturnType<typeof newKey>, claims: () => object) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://jobs');
    const isAllowed =
      request.headers.authorization === 'Bearer of the job' && url.searchParams.get('api-version') === '2.0';
    const value = signToken(key, { ...claims(), aud: url.searchParams.get('audience') });
    response.writeHead(isAllowed ? 200 : 401).end(JSON.stringify({ count: 1, value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=2.0`;
}

test('guide to CI: what the administrator asks is answered, and the workflow’s own script gets a key', async () => {
  const { script, audience } = exchangeStep();
  const gateway = await openGateway({
    publicUrl: () => 'https://keys.example.com',
    isClockTrusted: () => false,
    issuers: { allowedHosts: [], plainHosts: [], ports: [443], resolve: async () => ['140.82.112.3'] },
  });
  const world = new MutationWorld(gateway);
  const admin = await gateway.admin();
  const ask = async (block: string, variables: object = {}) => {
    const { data, errors } = await gateway.ask(block, variables, admin);
    expect([errors, Object.values(data)[0]?.code]).toEqual([undefined, undefined]);
    return Object.values(data)[0];
  };
  const [trust = '', rule = '', explain = ''] = codeBlocks(readGuide('ci'), 'graphql');
  const [importing = ''] = codeBlocks(readGuide('ci-providers'), 'graphql');
  const { issuer } = await ask(trust);
  expect(issuer).toMatchObject({ url: 'https://token.actions.githubusercontent.com', audience });
  const owner = await world.organization();
  await ask(rule, { issuer: issuer.id, owner });
  const key = newKey('github', 'RS256');
  const keySet = { keys: [jwkOf(key)] };
  await world.mutate('updateIssuer', { issuerId: issuer.id, keySet }, 'issuer { id }');
  await ask(importing, { keySet });

  let environment = 'release';
  const claims = () => {
    const iat = Math.floor(gateway.clock.now().getTime() / 1000);
    const repository = 'acme/app';
    return {
      iss: issuer.url,
      sub: `repo:${repository}:environment:${environment}`,
      jti: world.name('token'),
      iat,
      exp: iat + 300,
      repository,
      repository_owner_id: '6154722',
      ref: 'refs/tags/v1.2.3',
      event_name: 'push',
      environment,
      workflow_ref: `${repository}/.github/workflows/release.yml@refs/tags/v1.2.3`,
    };
  };
  const explained = await ask(explain, { claims: { ...claims(), aud: audience } });
  expect([explained.problems, explained.rules[0].isMatch]).toEqual([[], true]);

  const output = join(scratchFolder(), 'env');
  writeFileSync(output, '');
  const env = {
    PATH: process.env['PATH'],
    GITHUB_ENV: output,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the job',
    ACTIONS_ID_TOKEN_REQUEST_URL: await openJobs(key, claims),
    KEYTIDE_URL: gateway.url,
    AUDIENCE: audience,
  };
  // As GitHub runs it: docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell.
  const run = () => execute('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { env });
  const { stdout } = await run();
  const [, secret = ''] = /^API_KEY=(kt_\w+)\n$/.exec(readFileSync(output, 'utf8')) ?? [];
  expect(stdout).toBe(`::add-mask::${secret}\n`);
  const verify =
    'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome key { labels { name value } } } }';
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  expect((await gateway.ask(verify, { input }, admin)).data['verifyKey']).toEqual({
    outcome: 'VALID',
    key: {
      labels: [
        { name: 'ci/consumer', value: 'acme/app' },
        { name: 'repo', value: 'acme/app' },
      ],
    },
  });
  environment = 'staging';
  await expect(run()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No rule of its issuer matches the claims of this token.'),
  });
});

test('guide to CI: every provider that is known has its row, with the ids that a rule asks for', () => {
  const rows = readGuide('ci-providers')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  for (const { title, ids } of Object.values(presets)) {
    const row = rows.find((line) => line.startsWith(`| ${title} `));
    for (const id of ids) expect([title, row]).toEqual([title, expect.stringContaining(`\`${id}\``)]);
  }
});
