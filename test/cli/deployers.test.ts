import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deploymentSchema, openDeployer } from '../../src/cli/deployers/deployer-table.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { startGithub } from '../support/github-server.ts';
import { startGitlab } from '../support/gitlab-server.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const secret = newSecret(systemRandom);

/** Opens a place with a token in a file, and records its delays. */
function place(settings: Record<string, string>, token: string) {
  const tokenFile = join(scratchFolder(), 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const waits: number[] = [];
  const host = { env: {}, runHook: async () => undefined, pause: async (ms: number) => void waits.push(ms) };
  return { ...openDeployer(deploymentSchema.parse({ ...settings, tokenFile }), host), waits, tokenFile };
}

const refusal = (status: number, message: unknown) => ({ status, message });

test('github: a repository secret is sealed to GitHub’s key, created and then replaced', async () => {
  const github = await startGithub();
  const core = place({ to: 'github', repository: 'acme/core', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  await core.check();
  expect(github.secrets.size).toBe(0);
  await core.put(secret, {});
  expect(github.secrets).toEqual(new Map([['/repos/acme/core/actions/secrets/ACME_KEY', secret.reveal()]]));
  const other = newSecret(systemRandom);
  await core.put(other, {});
  expect([...github.secrets.values()]).toEqual([other.reveal()]);
  expect(JSON.stringify(github.requests)).not.toContain(secret.reveal());
  expect(await core.holds(other)).toBeNull();
});

test('github: the name of an environment is encoded, also on GitHub Enterprise', async () => {
  const github = await startGithub({ base: '/api/v3' });
  const settings = { to: 'github', repository: 'acme/core', environment: 'Prod/EU 1', secret: 'ACME_KEY' };
  await place({ ...settings, apiUrl: `${github.url}/api/v3/` }, github.token).put(secret, {});
  expect([...github.secrets.keys()]).toEqual(['/repos/acme/core/environments/Prod/EU 1/secrets/ACME_KEY']);
  expect(github.requests.at(-1)!.path).toBe('/api/v3/repos/acme/core/environments/Prod%2FEU%201/secrets/ACME_KEY');
});

test('github: an organization secret keeps its visibility, over all pages of repositories', async () => {
  const github = await startGithub();
  const acme = place({ to: 'github', organization: 'acme', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  await acme.put(secret, {});
  const at = '/orgs/acme/actions/secrets/ACME_KEY';
  expect(github.visibilities.get(at)).toEqual({ visibility: 'private', ids: [] });
  for (const seen of [
    { visibility: 'all', ids: [] },
    { visibility: 'selected', ids: [11, 22, 33, 44, 55] },
  ]) {
    github.visibilities.set(at, seen);
    await acme.put(secret, {});
    expect(github.visibilities.get(at)).toEqual(seen);
  }
});

test('github: a rate-limited request is retried after the requested delay, or left to the next run if that is long', async () => {
  const github = await startGithub();
  const core = place({ to: 'github', repository: 'acme/core', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  const now = Date.parse('2026-11-26T12:00:00Z');
  const limited = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(now / 1000 + 30),
    Date: new Date(now).toUTCString(),
  };
  github.next({
    status: 429,
    headers: { 'Retry-After': '7' },
    body: { message: 'You have exceeded a secondary rate limit' },
  });
  github.next({ status: 403, headers: limited, body: { message: 'API rate limit exceeded' } });
  await core.put(secret, {});
  expect(core.waits).toEqual([7_000, 30_000]);
  expect(github.secrets.size).toBe(1);
  github.next({ status: 403, headers: { 'Retry-After': '3600' }, body: {} });
  await expect(core.put(secret, {})).rejects.toMatchObject(refusal(75, expect.stringContaining('3600 s')));
  for (let count = 0; count < 3; count += 1) github.next({ status: 502, body: {} });
  await expect(core.put(secret, {})).rejects.toMatchObject({ status: 75 });
});

test('github: a refusal is reported with its message, without the secret', async () => {
  const github = await startGithub();
  const settings = { to: 'github', secret: 'ACME_KEY', apiUrl: github.url };
  const foreign = place({ ...settings, repository: 'stranger/core' }, github.token);
  const nobody = place({ ...settings, repository: 'acme/core' }, 'ghp_wrong');
  await expect(foreign.check()).rejects.toMatchObject(refusal(69, expect.stringContaining('public-key: Not Found')));
  await expect(nobody.put(secret, {})).rejects.toMatchObject(refusal(77, expect.stringContaining('Bad credentials')));
  const core = place({ ...settings, repository: 'acme/core' }, github.token);
  github.next({ status: 409, body: { message: `conflict with ${secret.reveal()}` } });
  await expect(core.put(secret, {})).rejects.toMatchObject(
    refusal(69, expect.stringContaining('conflict with kt_[secret]')),
  );
  github.next({ status: 200, body: { key_id: '1', key: 'AAAA' } });
  await expect(core.put(secret, {})).rejects.toMatchObject({ status: 76 });
  const away = place({ ...settings, repository: 'acme/core', apiUrl: 'http://127.0.0.1:9' }, github.token);
  await expect(away.put(secret, {})).rejects.toMatchObject({ status: 75 });
});

test('github: a token file that others may read is refused', async () => {
  const github = await startGithub();
  const core = place({ to: 'github', repository: 'acme/core', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  chmodSync(core.tokenFile, 0o640);
  await expect(core.put(secret, {})).rejects.toMatchObject(refusal(77, expect.stringContaining('mode 640')));
  expect(github.requests).toEqual([]);
});

test('gitlab: a variable is created masked, updated with its attributes unchanged, and read back', async () => {
  const gitlab = await startGitlab(['projects/acme/core', 'groups/12']);
  const apiUrl = `${gitlab.url}/api/v4`;
  const core = place({ to: 'gitlab', project: 'acme/core', variable: 'ACME_KEY', apiUrl }, gitlab.token);
  await core.check();
  await core.put(secret, {});
  const made = { key: 'ACME_KEY', value: secret.reveal(), environment_scope: '*', masked: true, protected: false };
  expect(gitlab.variables.get('projects/acme/core')).toEqual([made]);
  gitlab.variables.set('projects/acme/core', [{ ...made, value: 'old', protected: true, masked: false }]);
  expect(await core.holds(secret)).toBe(false);
  await core.put(secret, {});
  expect(gitlab.variables.get('projects/acme/core')).toEqual([{ ...made, protected: true, masked: false }]);
  expect(await core.holds(secret)).toBe(true);
  gitlab.variables.set('projects/acme/core', [{ ...made, hidden: true }]);
  expect(await core.holds(secret)).toBeNull();
  await place({ to: 'gitlab', group: '12', variable: 'ACME_KEY', apiUrl }, gitlab.token).put(secret, {});
  expect(gitlab.variables.get('groups/12')).toEqual([made]);
});

test('gitlab: only the variable of the environment changes, if several have the name', async () => {
  const gitlab = await startGitlab(['projects/7']);
  const held = ['*', 'production', 'staging'].map((environment_scope) => {
    return { key: 'ACME_KEY', value: environment_scope, environment_scope, masked: false, protected: false };
  });
  gitlab.variables.set('projects/7', held);
  const settings = { to: 'gitlab', project: '7', variable: 'ACME_KEY', environmentScope: 'production' };
  await place({ ...settings, apiUrl: `${gitlab.url}/api/v4` }, gitlab.token).put(secret, {});
  expect(gitlab.variables.get('projects/7')!.map(({ value }) => value)).toEqual(['*', secret.reveal(), 'staging']);
});

test('gitlab: a rate-limited request waits, and a refusal is reported', async () => {
  const gitlab = await startGitlab(['projects/7']);
  const settings = { to: 'gitlab', project: '7', variable: 'ACME_KEY', apiUrl: `${gitlab.url}/api/v4` };
  const seven = place(settings, gitlab.token);
  gitlab.next({ status: 429, headers: { 'Retry-After': '12' }, body: { message: 'Too many requests' } });
  await seven.put(secret, {});
  expect(seven.waits).toEqual([12_000]);
  const foreign = place({ ...settings, project: 'none' }, gitlab.token);
  await expect(foreign.check()).rejects.toMatchObject(refusal(69, expect.stringContaining('404 Project Not Found')));
  await expect(foreign.put(secret, {})).rejects.toMatchObject({ status: 69 });
  gitlab.next({ status: 400, body: { message: { value: ['is invalid'] } } });
  await expect(seven.put(secret, {})).rejects.toMatchObject(refusal(69, expect.stringContaining('is invalid')));
  await expect(place(settings, 'glpat-no').check()).rejects.toMatchObject({ status: 77 });
});

test('gitlab: a missing variable differs from a hidden one, and a truncated response is a failure', async () => {
  const gitlab = await startGitlab(['projects/7']);
  const seven = place(
    { to: 'gitlab', project: '7', variable: 'ACME_KEY', apiUrl: `${gitlab.url}/api/v4` },
    gitlab.token,
  );
  expect(await seven.holds(secret)).toBe(false);
  for (const body of [undefined, [], { key: 'ACME_KEY' }]) {
    gitlab.next({ status: 200, body });
    await expect(seven.holds(secret)).rejects.toMatchObject(
      refusal(76, expect.stringContaining('no value for the variable')),
    );
  }
  gitlab.next({ status: 200, headers: { 'Content-Length': '1000', Connection: 'close' }, body: { value: 'x' } });
  await expect(seven.holds(secret)).rejects.toMatchObject({ status: 75 });
});

test('gitlab, github: a redirect is followed only within the origin, so no other host gets the token or the secret', async () => {
  const gitlab = await startGitlab(['projects/7']);
  const stranger = await startGitlab(['projects/7']);
  const github = await startGithub();
  const settings = { to: 'gitlab', project: '7', variable: 'ACME_KEY', apiUrl: `${gitlab.url}/api/v4` };
  const seven = place(settings, gitlab.token);
  const core = place({ to: 'github', repository: 'acme/core', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  const at = '/api/v4/projects/7/variables';
  for (const status of [301, 302, 307, 308]) {
    const leads = { status, headers: { Location: `${stranger.url}${at}/ACME_KEY` } };
    gitlab.next(leads);
    await expect(seven.put(secret, {})).rejects.toMatchObject(
      refusal(69, expect.stringContaining('the token was not sent there')),
    );
    github.next(leads);
    await expect(core.put(secret, {})).rejects.toMatchObject({ status: 69 });
  }
  expect(stranger.requests).toEqual([]);
  // As after a project was renamed.
  await seven.put(secret, {});
  gitlab.next({ status: 307, headers: { Location: `${at}/ACME_KEY?filter[environment_scope]=*` } });
  const other = newSecret(systemRandom);
  await seven.put(other, {});
  expect(gitlab.variables.get('projects/7')).toMatchObject([{ value: other.reveal() }]);
  for (let count = 0; count < 4; count += 1) gitlab.next({ status: 302, headers: { Location: at } });
  await expect(seven.check()).rejects.toMatchObject({ status: 69 });
});

test('github: the next page of repositories is requested from GitHub, whatever host the link names', async () => {
  const github = await startGithub();
  const acme = place({ to: 'github', organization: 'acme', secret: 'ACME_KEY', apiUrl: github.url }, github.token);
  await acme.put(secret, {});
  const at = '/orgs/acme/actions/secrets/ACME_KEY';
  github.visibilities.set(at, { visibility: 'selected', ids: [11, 22, 33] });
  const { accept, authorization, ...rest } = github.requests[0]!.headers;
  const headers = {
    Accept: accept!,
    Authorization: authorization!,
    'X-GitHub-Api-Version': String(rest['x-github-api-version']),
  };
  const key = await fetch(`${github.url}/orgs/acme/actions/secrets/public-key`, { headers });
  github.next({ status: 200, body: await key.json() });
  github.next({ status: 200, body: { visibility: 'selected' } });
  const link = `<${github.url}.stranger.example/x?per_page=100&page=2>; rel="next"`;
  github.next({ status: 200, headers: { Link: link }, body: { repositories: [{ id: 11 }, { id: 22 }] } });
  await acme.put(secret, {});
  expect(github.visibilities.get(at)!.ids).toEqual([11, 22, 33]);
});

test('places: names are unique, also within a file and across hosts', async () => {
  const file = '/srv/app/file';
  const token = { tokenVariable: 'TOKEN' };
  const host = { env: {}, runHook: async () => undefined, pause: async () => undefined };
  const names = [
    { to: 'file', file },
    { to: 'dotenv', file, name: 'A' },
    { to: 'dotenv', file, name: 'B' },
    { to: 'npmrc', file, registry: 'https://a.example/' },
    { to: 'npmrc', file, registry: 'https://b.example/' },
    { to: 'nuget', file, source: 'A' },
    { to: 'nuget', file, source: 'B' },
    { to: 'netrc', file, host: 'a', login: 'ci' },
    { to: 'netrc', file, host: 'b', login: 'ci' },
    { to: 'docker', file, registry: 'a' },
    { to: 'docker', file, registry: 'b' },
    { to: 'github', repository: 'acme/core', secret: 'K', ...token },
    { to: 'github', repository: 'acme/core', secret: 'K', apiUrl: 'https://github.example/api/v3', ...token },
    { to: 'gitlab', project: '5', variable: 'K', ...token },
    { to: 'gitlab', group: '5', variable: 'K', ...token },
    { to: 'gitlab', project: '5', variable: 'K', apiUrl: 'https://gitlab.example/api/v4', ...token },
  ].map((settings) => openDeployer(deploymentSchema.parse(settings), host).place);
  expect(new Set(names).size).toBe(names.length);
});
