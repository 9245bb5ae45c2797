import { lookup, Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from './special-addresses.ts';

/** Timeout of a DNS query, and number of attempts. */
const DNS_TIMEOUT_MS = 2_000;
const DNS_ATTEMPTS = 2;

/** Maximum length of a stored URL, in characters. */
const URL_LENGTH_MAX = 2_000;

/** A CIDR range of addresses. */
interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Settings of an SSRF guard. */
export interface SsrfGuardSettings {
  /** Host names and CIDR ranges that are allowed although their addresses are not public. */
  readonly allowedHosts: readonly (string | AddressRange)[];
  /** Host names that are allowed without TLS. */
  readonly plainHosts: readonly string[];
  readonly ports: readonly number[];
}

/** Resolves a host name to its addresses. Rejects, or returns an empty list, if there are none. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

/** The addresses that a request may go to, or the reason why it may go nowhere. */
export type AddressCheck = { readonly addresses: readonly string[] } | { readonly problem: string };

/**
 * Guards outbound requests to URLs that callers chose against SSRF: allows only https, allowed ports, and hosts whose
 * addresses are all public or explicitly allowed. Connect only to the returned addresses (see pinnedLookup), against
 * DNS rebinding.
 */
export class SsrfGuard {
  readonly #ports: ReadonlySet<number>;
  readonly #plainHosts: ReadonlySet<string>;
  readonly #allowedNames: ReadonlySet<string>;
  readonly #allowed = new BlockList();
  readonly #resolve: ResolveHost;

  /** `resolve` replaces DNS. By default allowed names are resolved by the system, including its hosts file. */
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

  /** Returns what is wrong with a URL, without resolving its host; null if nothing is. */
  findUrlProblem(url: string): string | null {
    if (!URL.canParse(url)) return 'It is not a URL.';
    if (url.length > URL_LENGTH_MAX) return `It has ${url.length} characters; expected at most ${URL_LENGTH_MAX}.`;
    const { protocol, username, password, hostname, port, hash } = new URL(url);
    const name = hostOf(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && this.#plainHosts.has(name))) {
      return `Its scheme is ${protocol.slice(0, -1)}; expected https.`;
    }
    if (username !== '' || password !== '') return 'It contains a user name or password.';
    if (hash !== '') return 'It has a fragment, which is never sent to a server.';
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    if (!this.#ports.has(number)) return `Its port is ${number}; expected ${[...this.#ports].join(' or ')}.`;
    if (name === '' || name.endsWith('.')) return 'Its host is empty or ends with a dot.';
    return null;
  }

  /** Resolves a URL's host, without caching. Refuses the URL unless all of its addresses are public or allowed. */
  async check(url: string): Promise<AddressCheck> {
    const problem = this.findUrlProblem(url);
    if (problem !== null) return { problem };
    const name = hostOf(new URL(url).hostname);
    const addresses = isIP(name) === 0 ? await this.#addressesOf(name) : [name];
    if (addresses.length === 0) return { problem: 'Its host could not be resolved to an address.' };
    const isAllowed = this.#allowedNames.has(name);
    if (addresses.every((address) => isAllowed || this.#mayReach(address))) return { addresses };
    return { problem: 'Its host has an address outside the public internet.' };
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

/** Returns a URL's host name without the brackets of IPv6. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Queries the name servers directly: unlike dns.lookup, this takes none of the threads that hash passwords. */
async function resolveWithDns(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_ATTEMPTS });
  const results = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

async function resolveWithSystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** Checks a URL's addresses; returns null if the signal aborts first. */
export function checkUntilAborted(
  addresses: SsrfGuard,
  url: string,
  signal: AbortSignal,
): Promise<AddressCheck | null> {
  return Promise.race([addresses.check(url), aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
