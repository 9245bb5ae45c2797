import { startProvider, type ProviderReply, type ProviderRequest, type ProviderServer } from './provider-server.ts';

const VISIBILITIES = ['all', 'private', 'selected'];

/**
 * GitHub's REST API for secrets of Actions, as documented on docs.github.com ("REST API endpoints for GitHub Actions
 * Secrets", API version 2022-11-28). Enforces its requirements and opens sealed boxes.
 */
export interface GithubServer extends ProviderServer {
  /** The secrets as jobs read them, by the path of their owner and their name. */
  readonly secrets: Map<string, string>;
  /** The visibility of organization secrets. */
  readonly visibilities: Map<string, { visibility: string; ids: number[] }>;
  readonly token: string;
}

export async function startGithub({ base = '', owners = ['acme'] } = {}): Promise<GithubServer> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const pair = sodium.crypto_box_keypair();
  const keyId = '568250167242549743';
  const token = `ghp_${'a1'.repeat(18)}`;
  const secrets = new Map<string, string>();
  const visibilities = new Map<string, { visibility: string; ids: number[] }>();
  const notFound = { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' } };

  const put = (at: string, isOrganization: boolean, body: any): ProviderReply => {
    const invalid = (message: string) => ({ status: 422, body: { message } });
    if (typeof body?.encrypted_value !== 'string' || !/^[\w+/]+={0,2}$/.test(body.encrypted_value)) {
      return invalid('Invalid request. encrypted_value is not base64');
    }
    if (body.key_id !== keyId) return invalid('Bad request - key_id is invalid');
    const known = ['encrypted_value', 'key_id', ...(isOrganization ? ['visibility', 'selected_repository_ids'] : [])];
    const strange = Object.keys(body).find((name) => !known.includes(name));
    if (strange !== undefined) return invalid(`Invalid request. "${strange}" is not a permitted key`);
    if (isOrganization && !VISIBILITIES.includes(body.visibility)) return invalid('"visibility" wasn\'t supplied');
    const box = sodium.from_base64(body.encrypted_value, sodium.base64_variants.ORIGINAL);
    const opened = sodium.to_string(sodium.crypto_box_seal_open(box, pair.publicKey, pair.privateKey));
    const isNew = !secrets.has(at);
    secrets.set(at, opened);
    if (isOrganization) visibilities.set(at, { visibility: body.visibility, ids: body.selected_repository_ids ?? [] });
    return isNew ? { status: 201, body: {} } : { status: 204 };
  };

  const answer = ({ method, path, query, headers, body }: ProviderRequest): ProviderReply => {
    if (headers['user-agent'] === undefined)
      return { status: 403, body: { message: 'Request forbidden by administrative rules.' } };
    if (headers.accept !== 'application/vnd.github+json') return { status: 415, body: { message: 'Unsupported' } };
    if (headers['x-github-api-version'] !== '2022-11-28') return { status: 400, body: { message: 'Unknown version' } };
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } };
    const shape =
      /^(\/repos\/([\w.-]+)\/[\w.-]+\/actions\/secrets|\/repos\/([\w.-]+)\/[\w.-]+\/environments\/[^/]+\/secrets|\/orgs\/([\w.-]+)\/actions\/secrets)\/([\w-]+)(\/repositories)?$/;
    const match = path.startsWith(base) ? shape.exec(path.slice(base.length)) : null;
    if (match === null) return notFound;
    const [, place = '', repositoryOwner, environmentOwner, organization, name = '', repositories] = match;
    if (!owners.includes(repositoryOwner ?? environmentOwner ?? organization ?? '')) return notFound;
    const at = `${decodeURIComponent(place)}/${name}`;
    if (name === 'public-key' && method === 'GET') {
      const key = sodium.to_base64(pair.publicKey, sodium.base64_variants.ORIGINAL);
      return { status: 200, body: { key_id: keyId, key } };
    }
    if (repositories !== undefined) return page(visibilities.get(at)?.ids ?? [], query, `${provider.url}${path}`);
    if (method === 'PUT') return put(at, organization !== undefined, body);
    if (method !== 'GET' || !secrets.has(at)) return notFound;
    const shown = { name, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
    const visibility = visibilities.get(at)?.visibility;
    return { status: 200, body: visibility === undefined ? shown : { ...shown, visibility } };
  };
  const provider = await startProvider(answer);
  return { ...provider, secrets, visibilities, token };
}

/** Returns pages of two, whatever the requested size: the number of pages is only in the Link header. */
function page(ids: readonly number[], query: URLSearchParams, url: string): ProviderReply {
  const number = Number(query.get('page') ?? 1);
  const repositories = ids.slice((number - 1) * 2, number * 2).map((id) => ({ id, name: `repository ${id}` }));
  const last = Math.ceil(ids.length / 2);
  const link = `<${url}?per_page=100&page=${number + 1}>; rel="next", <${url}?per_page=100&page=${last}>; rel="last"`;
  return {
    status: 200,
    headers: number < last ? { Link: link } : {},
    body: { total_count: ids.length, repositories },
  };
}
