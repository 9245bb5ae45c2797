import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { openGateway, type Gateway } from './gateway.ts';
import { MutationWorld } from './mutation-world.ts';
import { startProvider, type ProviderServer } from './provider-server.ts';
import { scratchFolder } from './scratch-folder.ts';
import { jwkOf, newKey, signToken } from './test-issuer.ts';

const execute = promisify(execFile);

/** The credential with which a job requests a token. */
export const JOB_CREDENTIAL = 'credential-of-the-job';

/** The provider of the jobs, and the claims of their tokens. */
export interface Jobs {
  readonly preset: string | null;
  readonly url: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
  /** The claim that the token rule matches by id. */
  readonly id: string;
}

/** A gateway that trusts a provider of jobs, and a machine on which a job runs. */
export interface WorkflowWorld {
  readonly gateway: Gateway;
  /** Issues tokens like GitHub, Azure Pipelines and CircleCI. */
  readonly provider: ProviderServer;
  readonly folder: string;
  token(audience?: unknown): string;
  /** Runs a script with a shell and returns its output. */
  run(shell: readonly string[], script: string, env: Readonly<Record<string, string>>): Promise<string>;
  /** The arguments of all commands so far. */
  argumentsSoFar(): string;
  /** The key that was used for publishing. */
  published(): string;
  /** All tokens so far. */
  readonly tokens: string[];
  verify(secret: string): Promise<string>;
}

export async function openWorkflowWorld(jobs: Jobs): Promise<WorkflowWorld> {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const key = newKey('jobs', 'RS256');
  const { preset, url, audience, id } = jobs;
  const trusted = { realm: 'default', preset, url, audience, keySet: { keys: [jwkOf(key)] } };
  const { issuer } = await world.mutate('trustIssuer', trusted, 'issuer { id }');
  const conditions = [{ claim: id, equals: jobs.claims[id] }];
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  const rule = { issuerId: issuer.id, name: 'release', conditions, scopes, owner: await world.organization() };
  await world.mutate('addTokenRule', rule, 'rule { id }');

  const tokens: string[] = [];
  const token = (aud: unknown = audience) => {
    const iat = Math.floor(gateway.clock.now().getTime() / 1000);
    // Tokens of the Jenkins plug-in have no id (github.com/jenkinsci/oidc-provider-plugin, IdTokenCredentials).
    const own = preset === null ? { build_number: tokens.length + 1 } : { jti: world.name('token'), nbf: iat };
    tokens.push(signToken(key, { iss: url, aud, iat, exp: iat + 300, ...own, ...jobs.claims }));
    return tokens.at(-1)!;
  };
  const provider = await startProvider(({ method, path, query, headers }) => {
    if (headers.authorization !== `Bearer ${JOB_CREDENTIAL}`) return { status: 401, body: {} };
    if (path === '/github' && method === 'GET' && query.get('api-version') === '2.0') {
      return { status: 200, body: { count: 1, value: token(query.get('audience')) } };
    }
    const isAzure = path === '/azure' && method === 'POST' && query.get('api-version') === '7.1';
    return isAzure ? { status: 200, body: { oidcToken: token('api://AzureADTokenExchange') } } : { status: 404 };
  });

  const folder = scratchFolder();
  const at = (name: string) => join(folder, name);
  const put = (name: string, lines: string) => {
    writeFileSync(at(name), `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >> ${at('arguments')}\n${lines}\n`);
    chmodSync(at(name), 0o755);
  };
  put('curl', `PATH=$(printf %s "$PATH" | cut -d : -f 2-) exec curl "$@"`);
  put('npm', `printf %s "$API_KEY" > ${at('published')}`);
  put('circleci', `[ "$1 $2 $3 $4" = "run oidc get --claims" ] && cat ${at('circleci-token')}`);
  return {
    gateway,
    provider,
    folder,
    tokens,
    token,
    async run(shell, script, env) {
      writeFileSync(at('script'), script);
      const [file = '', ...words] = shell;
      const variables = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, ...env };
      const { stdout, stderr } = await execute(file, [...words, at('script')], { env: variables, cwd: folder });
      return stdout + stderr;
    },
    argumentsSoFar: () => (existsSync(at('arguments')) ? readFileSync(at('arguments'), 'utf8') : ''),
    published: () => readFileSync(at('published'), 'utf8'),
    async verify(secret) {
      const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
      const input = { secret, action: 'package:push', resource: 'Acme.Core' };
      return (await gateway.ask(query, { input }, await gateway.admin())).data['verifyKey'].outcome;
    },
  };
}

/** Expects that a text contains none of the secrets. */
export function expectNone(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) expect(text.includes(secret), `one of ${secrets.length} secrets is shown`).toBe(false);
}
