import { z } from 'zod';
import { readRetryAfterHeader } from '../../client/retry-after.ts';
import { MINUTE_MS } from '../../domain/duration.ts';
import { serviceUrl } from '../service-url.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { callProvider, formatHostSuffix, type Provider } from './call-provider.ts';
import type { Deployer, DeployerHost, DeployerKind } from './deployer.ts';
import { isSameSecret } from './is-same-secret.ts';
import { hasOneTokenSource, TOKEN_SOURCE_RULE, readProviderToken, tokenSource } from './provider-token.ts';

const API_URL = 'https://gitlab.com/api/v4';

const settings = z
  .strictObject({
    to: z.literal('gitlab'),
    /** The id or full path of a project or a group. */
    project: z.string().min(1).optional(),
    group: z.string().min(1).optional(),
    variable: z.string().regex(/^\w{1,255}$/, 'letters, digits and _, at most 255'),
    /** Selects among variables of that name: GitLab may have one for each environment. */
    environmentScope: z.string().min(1).default('*'),
    apiUrl: serviceUrl.default(API_URL),
    ...tokenSource,
  })
  .refine(({ project, group }) => (project === undefined) !== (group === undefined), {
    error: 'give one of project and group',
  })
  .refine(hasOneTokenSource, { error: TOKEN_SOURCE_RULE });

type Settings = z.output<typeof settings>;

/** CI/CD variables of GitLab: of a project or of a group; on a self-managed GitLab with `apiUrl`. */
export const gitlabDeployer: DeployerKind<typeof settings> = { settings, open: openGitlabPlace };

function openGitlabPlace(settings: Settings, host: DeployerHost): Deployer {
  const { project, group, variable, environmentScope } = settings;
  const owner =
    project === undefined ? `groups/${encodeURIComponent(group ?? '')}` : `projects/${encodeURIComponent(project)}`;
  const listUrl = `${settings.apiUrl.replace(/\/+$/, '')}/${owner}/variables`;
  // Without the filter, GitLab returns 409 if several environments have a variable of this name.
  const variableUrl = `${listUrl}/${variable}?${new URLSearchParams({ 'filter[environment_scope]': environmentScope }).toString()}`;
  const provider: Provider = { name: 'GitLab', readRetryDelay: readGitlabRetryDelay, pause: host.pause };
  const call = async (method: 'GET' | 'PUT' | 'POST', url: string, expected: readonly number[], body?: object) => {
    const token = await readProviderToken(settings, host.env);
    const headers = { 'PRIVATE-TOKEN': token.reveal(), 'User-Agent': 'keytide' };
    return callProvider(provider, { method, url, headers, ...(body && { body }) }, expected);
  };
  const scope = environmentScope === '*' ? '' : ` (${environmentScope})`;
  return {
    place: `gitlab ${project ?? `group ${group ?? ''}`} ${variable}${scope}${formatHostSuffix(settings.apiUrl, API_URL)}`,
    async check() {
      const { status } = await call('GET', variableUrl, [404]);
      // A token without access to the project also gets 404.
      if (status === 404) await call('GET', `${listUrl}?per_page=1`, []);
    },
    async put(secret) {
      // Attributes that are not sent stay unchanged: masked, protected, description.
      const { status } = await call('PUT', variableUrl, [404], { value: secret.reveal() });
      if (status !== 404) return;
      const newVariable = { key: variable, value: secret.reveal(), environment_scope: environmentScope, masked: true };
      await call('POST', listUrl, [], newVariable);
    },
    async holds(secret) {
      const { status, body } = await call('GET', variableUrl, [404]);
      if (status === 404) return false;
      const { value } = (body ?? {}) as { readonly value?: unknown };
      if (typeof value === 'string') return isSameSecret(value, secret);
      // GitLab never returns the value of a hidden variable.
      if (value === null) return null;
      throw new CommandError(exitStatus.PROTOCOL, 'GitLab returned no value for the variable.');
    },
  };
}

/** docs.gitlab.com, "Rate limits": 429 with Retry-After in seconds. */
function readGitlabRetryDelay({ status, headers }: Response): number | null {
  if (status !== 429) return null;
  return readRetryAfterHeader({ headers }) ?? MINUTE_MS;
}
