import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { parseGithubKeys } from '../../src/http/leaks/parse-github-keys.ts';
import { leakSources } from '../../src/settings/leak-kinds.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { MutationWorld } from './mutation-world.ts';

/** A record as GitHub sends it. */
export interface SentRecord {
  readonly token: string;
  readonly type: string;
  readonly url: string;
  readonly source: string;
}

/** Signs reports as GitHub does, with the signer of node:crypto, in DER. */
export class GithubSigner {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly id = randomBytes(32).toString('hex');

  entry(isCurrent = true) {
    const key = this.#pair.publicKey.export({ type: 'spki', format: 'pem' });
    return { key_identifier: this.id, key, is_current: isCurrent };
  }

  headers(body: string): Record<string, string> {
    const signature = createSign('sha256')
      .update(body)
      .sign({ key: this.#pair.privateKey, dsaEncoding: 'der' }, 'base64');
    return { 'Github-Public-Key-Identifier': this.id, 'Github-Public-Key-Signature': signature };
  }
}

export function listOf(...signers: readonly GithubSigner[]): string {
  return JSON.stringify({ public_keys: signers.map((signer) => signer.entry()) });
}

/** The response to a report. */
export interface Feedback {
  readonly status: number;
  readonly text: string;
  readonly labels: readonly string[];
  readonly retryAfter: string | null;
}

/** A gateway that accepts reports of GitHub and of a scanner. */
export interface LeakWorld {
  readonly gateway: Gateway;
  readonly world: MutationWorld;
  readonly github: GithubSigner;
  readonly scanner: Webhook;
  record(token: string, more?: Partial<SentRecord>): SentRecord;
  /** Sends a signed report of GitHub. */
  report(...records: readonly unknown[]): Promise<Feedback>;
  /** Sends a report of the scanner, signed with this timestamp. */
  scan(records: readonly unknown[], at?: Date, id?: string): Promise<Feedback>;
  send(path: string, body: string, headers: Record<string, string>): Promise<Feedback>;
  key(id: string): Promise<{ readonly state: string; readonly holds: readonly { readonly source: string }[] }>;
  verify(secret: string, consumer?: string): Promise<string>;
  eventsOf(keyId: string): Promise<string[]>;
}

export async function openLeakWorld(options: Parameters<typeof openGateway>[0] = {}): Promise<LeakWorld> {
  const github = new GithubSigner();
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const sources = leakSources.read(`scanner=${secret}`);
  if (!('value' in sources)) throw new Error(sources.found);
  const gateway = await openGateway({
    leaks: { githubKeys: { keys: parseGithubKeys(listOf(github))! }, sources: sources.value },
    isClockTrusted: () => false,
    ...options,
  });
  const world = new MutationWorld(gateway);
  const scanner = new Webhook(secret);
  const leaks: LeakWorld = {
    gateway,
    world,
    github,
    scanner,
    record: (token, more = {}) => ({
      token,
      type: 'keytide_api_key',
      url: 'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt',
      source: 'commit',
      ...more,
    }),
    async send(path, body, headers) {
      const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body });
      const text = await response.text();
      const labels = response.ok ? (JSON.parse(text) as { label: string }[]).map(({ label }) => label) : [];
      return { status: response.status, text, labels, retryAfter: response.headers.get('retry-after') };
    },
    report(...records) {
      const body = JSON.stringify(records);
      return leaks.send('/leaks/github', body, github.headers(body));
    },
    scan(records, at = gateway.clock.now(), id = 'report-1') {
      const body = JSON.stringify(records);
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': scanner.sign(id, at, body),
      };
      return leaks.send('/leaks/scanner', body, headers);
    },
    async key(id) {
      const query = 'query ($id: ID!) { key(id: $id) { state holds { source reason } } }';
      return (await gateway.ask(query, { id }, await gateway.admin())).data['key'];
    },
    async verify(text, consumer = 'ci') {
      const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
      const { data } = await gateway.ask(query, { input: { secret: text, consumer } }, await gateway.admin());
      return data['verifyKey'].outcome;
    },
    async eventsOf(keyId) {
      const events = await gateway.prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } });
      return events.map(({ type }) => type);
    },
  };
  return leaks;
}
