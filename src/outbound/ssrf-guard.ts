import { lookup, Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from './special-addresses.ts';

/** How long a name server may take to answer, and how often it is asked. */
const RESOLVE_LIMIT_MS = 2_000;
const RESOLVE_TRIES = 2;

/** The longest url that is kept, in characters. */
const LONGEST_URL = 2_000;

/** A range of addresses. */
interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** The settings that say where requests may go. */
export interface SsrfGuardSettings {
  /** Names, and ranges of addresses, that may be private. */
  readonly allowedHosts: readonly (string | AddressRange)[];
  /** Names that may be reached without TLS. */
  readonly plainHosts: readonly string[];
  readonly ports: readonly number[];
}

/** Finds the addresses of a name. Rejects, or gives none, when there are none. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

/** Addresses that a request may go to, or why it may not. */
export type AddressCheck = { readonly addresses: readonly string[] } | { readonly problem: string };

/** Decides where requests may go: over https, to a port that is allowed, to addresses that are all public. */
export class SsrfGuard {
  readonly #ports: ReadonlySet<number>;
  readonly #plainHosts: ReadonlySet<string>;
  readonly #allowedNames: ReadonlySet<string>;
  readonly #allowed = new BlockList();
  readonly #resolve: ResolveHost;

  /** `resolve` stands for the name servers; of names that are allowed the machine itself is asked, hosts file and all. */
  constructor({ allowedHosts, plainHosts, ports }: SsrfGuardSettings, resolve?: ResolveHost) {
    this.#ports = new Set(ports);
    this.#plainHosts = new Set(plainHosts);
    const names = new Set(allowedHosts.filter((entry) => typeof entry === 'string'));
    this.#allowedNames = names;
    for (const entry of allowedHosts) {
      if (typeof entry !== 'string') this.#allowed.addSubnet(entry.address, entry.prefix, entry.family);
    }
    this.#resolve = resolve ?? ((name) => (names.has(name) ? resolveWithSystem(name) : resolveWithDns(name)));
  }

  /** What is wrong with a url as it stands, before anyone is asked; null: nothing. */
  findUrlProblem(url: string): string | null {
    if (!URL.canParse(url)) return 'It is no URL.';
    if (url.length > LONGEST_URL) return `It has ${url.length} characters; at most ${LONGEST_URL} are accepted.`;
    const { protocol, username, password, hostname, port, hash } = new URL(url);
    const name = hostOf(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && this.#plainHosts.has(name))) {
      return `It begins with ${protocol} and not with https:.`;
    }
    if (username !== '' || password !== '') return 'It has a user name or password in it.';
    if (hash !== '') return 'It has a fragment, which is never sent.';
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    if (!this.#ports.has(number)) return `Its port is ${number}; accepted: ${[...this.#ports].join(', ')}.`;
    if (name === '' || name.endsWith('.')) return 'Its host has a full stop at the end, or is none.';
    return null;
  }

  /** Resolves a url's host, anew each time. All of its addresses have to be public, or allowed, or none is reached. */
  async check(url: string): Promise<AddressCheck> {
    const problem = this.findUrlProblem(url);
    if (problem !== null) return { problem };
    const name = hostOf(new URL(url).hostname);
    const addresses = isIP(name) === 0 ? await this.#addressesOf(name) : [name];
    if (addresses.length === 0) return { problem: 'Its host has no address.' };
    const isAllowed = this.#allowedNames.has(name);
    if (addresses.every((address) => isAllowed || this.#mayReach(address))) return { addresses };
    return { problem: 'Its host has an address that is not of the public internet.' };
  }

  async #addressesOf(name: string): Promise<readonly string[]> {
    try {
      return (await this.#resolve(name)).filter((address) => isIP(address) !== 0);
    } catch {
      return [];
    }
  }

  #mayReach(address: string): boolean {
    return isPublicAddress(address) || this.#allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** A host as URLs have it, without the brackets of IPv6. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** By the name servers alone: that takes none of the threads which hash passwords, however long they let it wait. */
async function resolveWithDns(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: RESOLVE_LIMIT_MS, tries: RESOLVE_TRIES });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

async function resolveWithSystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
