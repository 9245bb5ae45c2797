import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { COMMAND } from '../support/command.ts';
import { startGithub } from '../support/github-server.ts';
import { issue } from '../support/issue.ts';
import { openRenewalWorld } from '../support/renewal-world.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { expectNone, JOB_CREDENTIAL, openWorkflowWorld, type WorkflowWorld } from '../support/workflow-world.ts';

const folder = fileURLToPath(new URL('../../integrations/github-action/', import.meta.url));
const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
const jobs = {
  preset: 'GITHUB_ACTIONS',
  url: 'https://token.actions.githubusercontent.com',
  audience: 'https://keys.example.com/default',
  id: 'repository_owner_id',
  claims: { sub: 'job:1', repository_owner_id: '6154722', event_name: 'push', ref: 'refs/tags/v1' },
};

/** Runs the action like a runner: inputs are environment variables, outputs and variables are files. */
async function runAction(inputs: Record<string, string>, env: Record<string, string> = {}) {
  const temporary = scratchFolder();
  const files = { GITHUB_OUTPUT: join(temporary, 'output'), GITHUB_ENV: join(temporary, 'env') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const given = Object.entries<{ default?: string }>(action.inputs).map(([name, { default: otherwise = '' }]) => [
    `INPUT_${name.toUpperCase()}`,
    inputs[name] ?? otherwise,
  ]);
  const variables = { PATH: process.env['PATH'], HOME: temporary, RUNNER_TEMP: temporary, ...files };
  const [status, shown] = await new Promise<[number, string]>((resolve) => {
    const all = { env: { ...variables, ...Object.fromEntries(given), ...env } };
    execFile(process.execPath, [join(folder, action.runs.main)], all, (error, stdout, stderr) =>
      resolve([error === null ? 0 : Number(error.code), stdout + stderr]),
    );
  });
  const read = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s));
  const outputs: Record<string, string> = Object.fromEntries(read(files.GITHUB_OUTPUT));
  const exported: Record<string, string> = Object.fromEntries(read(files.GITHUB_ENV));
  /** The log as it is shown: the runner removes the lines that mask. */
  const log = shown.replaceAll(/^::add-mask::.*\n/gm, '');
  return { status, shown, log, outputs, exported };
}

/** The environment of a job that may request tokens. */
function tokensFrom({ provider }: WorkflowWorld): Record<string, string> {
  return {
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: JOB_CREDENTIAL,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${provider.url}/github?api-version=2.0`,
  };
}

test('action: exchange gives later steps a masked key, which is never printed', async () => {
  const world = await openWorkflowWorld(jobs);
  const inputs = { url: world.gateway.url, audience: jobs.audience, variable: 'API_KEY' };
  const env = tokensFrom(world);
  const { status, shown, log, outputs, exported } = await runAction(inputs, env);
  expect([status, log]).toEqual([0, `The key ${outputs['key-id']} is valid for 15 minutes.\n`]);
  expect(await world.verify(outputs['key']!)).toBe('VALID');
  expect(exported).toEqual({ API_KEY: outputs['key'] });
  expect(shown).toContain(`::add-mask::${outputs['key']}\n`);
  expectNone(log, [outputs['key']!, JOB_CREDENTIAL, ...world.tokens]);

  await world.gateway.prisma.tokenRule.deleteMany();
  const refused = await runAction(inputs, env);
  expect([refused.status, refused.outputs['key']]).toEqual([1, undefined]);
  expect(refused.log).toMatch(
    /^::error::The gateway issued no key\. No rule of its issuer matches the claims of this token\./,
  );
});

test('action: without the permission for tokens the error names it', async () => {
  const { status, log } = await runAction({ url: 'https://keys.example.com' });
  const needed = '::error::The job may not request a token: give it the permission id-token: write.\n';
  expect([status, log]).toEqual([1, needed]);
});

test('action: a stored key that is due is rotated into the repository secrets, and the old secret stays valid', async () => {
  const world = await openRenewalWorld();
  const github = await startGithub();
  await world.wantRotation('P60D');
  const { secret } = await issue(world.gateway, await world.gateway.admin(), { name: 'release', lifetime: 'P90D' });
  const inputs = {
    do: 'renew',
    url: world.gateway.url,
    secret,
    token: github.token,
    command: `${process.execPath} ${COMMAND}`,
    deploy: `\ngithub repository=acme/app secret=API_KEY apiUrl=${github.url}\n`,
  };
  const early = await runAction(inputs);
  expect([early.status, early.outputs['outcome']], early.log).toEqual([0, 'NOT_DUE']);
  await world.untilDue(secret);
  const due = await runAction(inputs);
  expect([due.status, due.outputs['outcome']], due.log).toEqual([0, 'WAITING']);
  const fresh = github.secrets.get('/repos/acme/app/actions/secrets/API_KEY')!;
  expect(fresh).not.toBe(secret);
  expect([await world.verify(fresh), await world.verify(secret)]).toEqual(['VALID', 'VALID']);
  expectNone(early.log + due.log, [secret, fresh, github.token]);
  const next = await runAction({ ...inputs, secret: fresh });
  expect([next.status, next.outputs['outcome']], next.log).toEqual([0, 'NOT_DUE']);
});

test('action: a persistent folder keeps the key registered, and an unreachable gateway is a warning', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await issue(world.gateway, await world.gateway.admin(), { name: 'release', lifetime: 'P90D' });
  const warnings = [{ code: 'WILL_STOP', from: Date.parse('2027-01-31T00:00:00.000Z') }];
  await world.gateway.prisma.key.update({ where: { id }, data: { warnings } });
  const command = `${process.execPath} ${COMMAND}`;
  const inputs = { do: 'renew', url: world.gateway.url, folder: scratchFolder(), command };
  const first = await runAction({ ...inputs, secret });
  expect([first.status, first.outputs['outcome']], first.log).toEqual([0, 'NOT_DUE']);
  expect(first.log).toMatch(/^::warning::release: .* will stop this key on 2027-01-31/m);
  // The folder has the newer secret by now, so the stored one is not read again.
  const next = await runAction(inputs);
  expect([next.status, next.outputs['outcome']], next.log).toEqual([0, 'NOT_DUE']);
  await world.gateway.stop();
  const away = await runAction(inputs);
  expect(away.status, away.log).toBe(0);
  expect(away.log).toMatch(/^::warning::release: /);
  // A runner without a persistent folder has no state.
  const anew = await runAction({ ...inputs, folder: scratchFolder(), secret });
  expect(anew.status, anew.log).toBe(0);
  expect(anew.log).toMatch(/^::warning::release: .*cannot be reached/);
  expectNone(first.log + next.log + away.log + anew.log, [secret]);
});

test('action: a temporarily unavailable gateway is retried with a new token', async () => {
  const world = await openWorkflowWorld(jobs);
  let asked = 0;
  const front = createServer(async (incoming, outgoing) => {
    asked += 1;
    const headers = { 'Content-Type': incoming.headers['content-type'] ?? '' };
    const answer = await fetch(`${world.gateway.url}/token`, { method: 'POST', headers, body: await text(incoming) });
    // The first response is lost: its token is used up.
    if (asked === 1) return void outgoing.writeHead(503, { 'Retry-After': '0' }).end();
    outgoing.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void front.close());
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const { status, log, outputs } = await runAction({ url, audience: jobs.audience }, tokensFrom(world));
  expect([status, asked, world.tokens.length], log).toEqual([0, 2, 2]);
  expect(await world.verify(outputs['key']!)).toBe('VALID');
});

test('action: it sets the outputs that it declares', async () => {
  expect(Object.keys(action.outputs)).toEqual(['key', 'key-id', 'outcome', 'stops-at']);
  expect(action.runs).toEqual({ using: 'node24', main: 'main.mjs' });
});
