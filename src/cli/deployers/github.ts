import { z } from 'zod';
import type { Sensitive } from '../../domain/sensitive.ts';
import { serviceUrl } from '../service-url.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { callProvider, formatHostSuffix, type Provider, type ProviderResponse } from './call-provider.ts';
import type { Deployer, DeployerHost, DeployerKind } from './deployer.ts';
import { readGithubRetryDelay } from './github-rate-limits.ts';
import { hasOneTokenSource, TOKEN_SOURCE_RULE, readProviderToken, tokenSource } from './provider-token.ts';
import { sealForGithub } from './seal-for-github.ts';

/** docs.github.com, "API Versions". */
const API_VERSION = '2022-11-28';

const API_URL = 'https://api.github.com';

const name = z.string().regex(/^[\w.-]+$/, 'letters, digits, ., _ and -');

const settings = z
  .strictObject({
    to: z.literal('github'),
    /** `owner/name`. With `environment`, the secret belongs to that environment of the repository. */
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'owner/name')
      .optional(),
    environment: z.string().min(1).optional(),
    organization: name.optional(),
    /** Visibility of a new organization secret. An existing secret keeps its visibility. */
    visibility: z.enum(['all', 'private']).default('private'),
    /** GitHub accepts letters, digits and _, but no name that starts with GITHUB_. */
    secret: z.string().regex(/^(?!GITHUB_)[A-Z_]\w*$/i, 'letters, digits and _, not starting with a digit or GITHUB_'),
    apiUrl: serviceUrl.default(API_URL),
    ...tokenSource,
  })
  .refine(({ repository, organization }) => (repository === undefined) !== (organization === undefined), {
    error: 'give one of repository and organization',
  })
  .refine(({ environment, organization }) => environment === undefined || organization === undefined, {
    error: 'environment needs repository',
  })
  .refine(hasOneTokenSource, { error: TOKEN_SOURCE_RULE });

type Settings = z.output<typeof settings>;

/**
 * Secrets of GitHub Actions: of a repository, of one of its environments, or of an organization; on GitHub Enterprise
 * with `apiUrl`.
 */
export const githubDeployer: DeployerKind<typeof settings> = { settings, open: openGithubPlace };

function openGithubPlace(settings: Settings, host: DeployerHost): Deployer {
  const { environment, organization, secret: secretName } = settings;
  const base = settings.apiUrl.replace(/\/+$/, '') + buildSecretsPath(settings);
  const provider: Provider = { name: 'GitHub', readRetryDelay: readGithubRetryDelay, pause: host.pause };
  const call = async (method: 'GET' | 'PUT', path: string, body?: object, expected?: readonly number[]) => {
    const token = await readProviderToken(settings, host.env);
    const headers = {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${token.reveal()}`,
      'X-GitHub-Api-Version': API_VERSION,
      'User-Agent': 'keytide',
    };
    return callProvider(provider, { method, url: base + path, headers, ...(body && { body }) }, expected);
  };
  const readPublicKey = async () => {
    const { body } = await call('GET', '/public-key');
    const { key, key_id: keyId } = (body ?? {}) as { readonly key?: unknown; readonly key_id?: unknown };
    if (typeof key === 'string' && typeof keyId === 'string') return { key, keyId };
    throw new CommandError(exitStatus.PROTOCOL, 'GitHub returned no public key.');
  };
  const owner = organization ?? settings.repository ?? '';
  const suffix = environment === undefined ? '' : ` environment ${environment}`;
  return {
    place: `github ${owner}${suffix} ${secretName}${formatHostSuffix(settings.apiUrl, API_URL)}`,
    check: async () => void (await readPublicKey()),
    async put(secret: Sensitive<string>) {
      const { key, keyId } = await readPublicKey();
      const sealed = { encrypted_value: await sealForGithub(key, secret), key_id: keyId };
      const access = organization === undefined ? {} : await readVisibility(call, settings);
      await call('PUT', `/${secretName}`, { ...sealed, ...access });
    },
    // GitHub never returns the value of a secret.
    holds: async () => null,
  };
}

function buildSecretsPath({ repository, environment, organization }: Settings): string {
  if (organization !== undefined) return `/orgs/${organization}/actions/secrets`;
  if (environment === undefined) return `/repos/${repository ?? ''}/actions/secrets`;
  return `/repos/${repository ?? ''}/environments/${encodeURIComponent(environment)}/secrets`;
}

type Call = (method: 'GET', path: string, body?: undefined, expected?: readonly number[]) => Promise<ProviderResponse>;

/** Reads the visibility of an organization secret, which every update has to repeat, or GitHub would reset it. */
async function readVisibility(call: Call, { secret, visibility }: Settings): Promise<object> {
  const { status, body } = await call('GET', `/${secret}`, undefined, [404]);
  const current = status === 404 ? visibility : (body as { readonly visibility?: string } | null)?.visibility;
  if (current !== 'selected') return { visibility: current };
  const ids: number[] = [];
  let page: string | null = '1';
  while (page !== null) {
    const { headers, body }: ProviderResponse = await call('GET', `/${secret}/repositories?per_page=100&page=${page}`);
    ids.push(...readRepositoryIds(body));
    // GitHub links the next page by URL. Only its page number is used, so that the link cannot lead to another host.
    page = /<[^>]*[?&]page=(\d+)[^>]*>;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;
  }
  return { visibility: current, selected_repository_ids: ids };
}

/** Reads the repositories of a page. A missing repository would lose access to the secret. */
function readRepositoryIds(body: unknown): number[] {
  const { repositories } = (body ?? {}) as { readonly repositories?: readonly { readonly id: number }[] };
  if (Array.isArray(repositories)) return repositories.map(({ id }) => id);
  throw new CommandError(exitStatus.PROTOCOL, 'GitHub returned no repositories for the secret.');
}
