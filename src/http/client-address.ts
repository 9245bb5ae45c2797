import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** A range of addresses in CIDR notation; a lone address is one of full length. */
export interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reads `10.0.0.0/8`, `::1` and the like; null when it is none. A prefix of 0 is none: it would believe everyone. */
export function parseSubnet(text: string): Subnet | null {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return null;
  const longest = version === 4 ? 32 : 128;
  if (length !== undefined && !/^[1-9]\d{0,2}$/.test(length)) return null;
  const prefix = length === undefined ? longest : Number(length);
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : null;
}

/** The proxies whose word on who is behind them is believed. */
export class TrustedProxies {
  readonly #list = new BlockList();

  constructor(subnets: readonly Subnet[]) {
    for (const { address, prefix, family } of subnets) this.#list.addSubnet(address, prefix, family);
  }

  has(address: string): boolean {
    return this.#list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** What a socket without an address (already gone) counts as: one bucket for all of them. */
const unknownAddress = '0.0.0.0';

/**
 * Whose request it is: the peer's address, or, when the peer is a trusted proxy, the rightmost address of
 * X-Forwarded-For that is no trusted proxy. What stands left of that was written by the client and is not read. A hop
 * that is no address ends the walk at the proxy that reported it. IPv4 in IPv6 (`::ffff:192.0.2.1`) is given as IPv4.
 */
export function clientAddress(request: IncomingMessage, proxies: TrustedProxies): string {
  let address = normalizeAddress(request.socket.remoteAddress ?? '') ?? unknownAddress;
  const header = request.headers['x-forwarded-for'] ?? [];
  const hops = (Array.isArray(header) ? header.join(',') : header).split(',');
  while (proxies.has(address)) {
    const hop = normalizeAddress(hops.pop()?.trim() ?? '');
    if (hop === null) break;
    address = hop;
  }
  return address;
}

/** An address without brackets, port, zone or IPv6 mapping; null when there is none. */
function normalizeAddress(text: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const unmapped = bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  return isIP(unmapped) === 0 ? null : unmapped.toLowerCase();
}
