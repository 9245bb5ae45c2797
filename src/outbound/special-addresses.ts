import { BlockList, isIP } from 'node:net';

/**
 * Networks outside the public internet: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890
 * and its updates), multicast and reserved networks. Also all IPv6 addresses that embed an IPv4 address (mapped, NAT64,
 * 6to4, Teredo), whatever that address is: they are not needed to name a host.
 */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '100:0:0:1::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** The only IPv6 network that is allocated for the public internet (RFC 4291 section 2.4, IANA). */
const globalUnicast = '2000::/3';

const blocked = listOf(special);
const global = listOf([globalUnicast]);

/** Returns whether an address is on the public internet; false for text that is not an address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !blocked.check(address, 'ipv4');
  return version === 6 && global.check(address, 'ipv6') && !blocked.check(address, 'ipv6');
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
