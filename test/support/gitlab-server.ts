import { startProvider, type ProviderReply, type ProviderRequest, type ProviderServer } from './provider-server.ts';

/** A CI/CD variable as GitLab stores it. */
export interface GitlabVariable {
  readonly key: string;
  readonly value: string | null;
  readonly environment_scope: string;
  readonly masked: boolean;
  readonly protected: boolean;
  readonly hidden?: boolean;
}

/**
 * GitLab's REST API for CI/CD variables, as documented on docs.gitlab.com ("Project-level CI/CD variables API",
 * "Group-level …"): of projects and groups, named by id or by their path in a single segment.
 */
export interface GitlabServer extends ProviderServer {
  /** The variables of each project and group, by `projects/<id>` or `groups/<id>`. */
  readonly variables: Map<string, GitlabVariable[]>;
  readonly token: string;
}

const KNOWN = [
  'key',
  'value',
  'environment_scope',
  'masked',
  'masked_and_hidden',
  'protected',
  'raw',
  'variable_type',
  'description',
  'filter',
];

export async function startGitlab(places: readonly string[]): Promise<GitlabServer> {
  const token = `glpat-${'b2'.repeat(10)}`;
  const variables = new Map<string, GitlabVariable[]>(places.map((place) => [place, []]));

  const answer = ({ method, path, query, headers, body }: ProviderRequest): ProviderReply => {
    if (headers['private-token'] !== token) return { status: 401, body: { message: '401 Unauthorized' } };
    const [, kind = '', id = '', key] =
      /^\/api\/v4\/(projects|groups)\/([^/]+)\/variables(?:\/(\w+))?$/.exec(path) ?? [];
    const place = `${kind}/${decodeURIComponent(id)}`;
    const held = variables.get(place);
    if (held === undefined)
      return { status: 404, body: { message: `404 ${kind === 'groups' ? 'Group' : 'Project'} Not Found` } };
    const strange = Object.keys(body ?? {}).find((name) => !KNOWN.includes(name));
    if (strange !== undefined) return { status: 400, body: { error: `${strange} is invalid` } };
    const scope = query.get('filter[environment_scope]');
    if (key === undefined && method === 'GET') return { status: 200, body: held };
    if (key === undefined && method === 'POST') return make(held, body);
    const found = held.filter((one) => one.key === key && (scope === null || one.environment_scope === scope));
    const [one, another] = found;
    if (one === undefined) return { status: 404, body: { message: '404 Variable Not Found' } };
    if (another !== undefined) {
      const message = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'";
      return { status: 409, body: { message } };
    }
    if (method === 'GET') return { status: 200, body: { ...one, value: one.hidden === true ? null : one.value } };
    if (method !== 'PUT') return { status: 405, body: { message: '405 Method Not Allowed' } };
    if (typeof body?.value !== 'string') return { status: 400, body: { error: 'value is missing' } };
    const changed = { ...one, ...body } as GitlabVariable;
    held[held.indexOf(one)] = changed;
    return { status: 200, body: changed };
  };
  return { ...(await startProvider(answer)), variables, token };
}

function make(held: GitlabVariable[], body: any): ProviderReply {
  const { key, value, environment_scope = '*', masked = false } = body ?? {};
  if (typeof key !== 'string' || typeof value !== 'string') return { status: 400, body: { error: 'key is missing' } };
  if (held.some((one) => one.key === key && one.environment_scope === environment_scope)) {
    return { status: 400, body: { message: { key: [`(${key}) has already been taken`] } } };
  }
  // Requirements of masked variables: one line of at least 8 characters without spaces (docs.gitlab.com, "Mask a CI/CD
  // variable").
  if (masked === true && !/^\S{8,}$/.test(value)) return { status: 400, body: { message: { value: ['is invalid'] } } };
  const made = { key, value, environment_scope, masked, protected: false };
  held.push(made);
  return { status: 201, body: made };
}
