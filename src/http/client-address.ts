import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';

/** A range of addresses in CIDR notation. A single address is a range with the full prefix. */
export interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Parses `10.0.0.0/8`, `::1` and the like. Returns null for every other text, and for a prefix of 0, which would trust
 * every address.
 */
export function parseSubnet(text: string): Subnet | null {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return null;
  const longest = version === 4 ? 32 : 128;
  if (length !== undefined && !/^[1-9]\d{0,2}$/.test(length)) return null;
  const prefix = length === undefined ? longest : Number(length);
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : null;
}

/** The other end of a connection. */
interface Peer {
  readonly address: string;
  readonly isProxy: boolean;
}

/** The proxies whose X-Forwarded-For header is trusted. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #peers = new WeakMap<Socket, Peer>();

  constructor(subnets: readonly Subnet[]) {
    for (const { address, prefix, family } of subnets) this.#list.addSubnet(address, prefix, family);
  }

  has(address: string): boolean {
    return this.#list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  /** Returns the peer of a connection, which is the same for all of its requests. */
  peerOf(socket: Socket): Peer {
    const known = this.#peers.get(socket);
    if (known !== undefined) return known;
    const address = normalizeAddress(socket.remoteAddress ?? '') ?? unknownAddress;
    const peer = { address, isProxy: this.has(address) };
    this.#peers.set(socket, peer);
    return peer;
  }
}

/**
 * The address that is returned for a socket without one, because it is already closed. All such sockets share one
 * rate-limit bucket.
 */
const unknownAddress = '0.0.0.0';

/**
 * Returns the address of the client that sent a request: the peer's address or, if the peer is a trusted proxy, the
 * rightmost address of X-Forwarded-For that is not a trusted proxy. Addresses further left were written by the client
 * and are ignored. A hop that is not an address ends the search at the proxy that reported it. An IPv4-mapped IPv6
 * address (`::ffff:192.0.2.1`) is returned as IPv4.
 */
export function clientAddress(request: IncomingMessage, proxies: TrustedProxies): string {
  return forwardedAddress(request, proxies) ?? proxies.peerOf(request.socket).address;
}

/**
 * Returns the address of the client as trusted proxies report it; null if the peer is not a trusted proxy, or reports no address.
 */
export function forwardedAddress(request: IncomingMessage, proxies: TrustedProxies): string | null {
  const peer = proxies.peerOf(request.socket);
  if (!peer.isProxy) return null;
  let { address } = peer;
  let reported: string | null = null;
  const header = request.headers['x-forwarded-for'] ?? [];
  const hops = (Array.isArray(header) ? header.join(',') : header).split(',');
  while (proxies.has(address)) {
    const hop = normalizeAddress(hops.pop()?.trim() ?? '');
    if (hop === null) break;
    reported = address = hop;
  }
  return reported;
}

/**
 * Returns an address without brackets, port, zone and IPv6 mapping, in lower case; null when the text is not an
 * address.
 */
function normalizeAddress(text: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const unmapped = bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  return isIP(unmapped) === 0 ? null : unmapped.toLowerCase();
}
