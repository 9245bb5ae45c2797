import { BlockList, isIP, isIPv4 } from 'node:net';
import { expect, test } from 'vitest';
import {
  type AddressRange,
  formatRange,
  includesRange,
  includesRanges,
  isAddressIn,
  parseRange,
} from '../../src/domain/address.ts';
import { seededDraw } from '../support/seeded-random.ts';

const canonical = (text: string) => {
  const range = parseRange(text);
  return 'problem' in range ? range.problem : formatRange(range);
};

test('address: ranges have one canonical text, and a plain address is a range of one', () => {
  const cases: [string, string][] = [
    ['192.0.2.1', '192.0.2.1/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1/128'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221/128'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['::ffff:c000:200/120', '192.0.2.0/24'],
    ['::FFFF:0:0/96', '0.0.0.0/0'],
  ];
  for (const [text, expected] of cases) {
    expect(canonical(text), text).toBe(expected);
    expect(canonical(expected)).toBe(expected);
  }
});

test('address: a range with host bits is refused with the range that was expected; a text that is not an address is not repeated', () => {
  expect(canonical('10.1.2.3/8')).toBe(
    'found 10.1.2.3/8, whose address is not the first of the range; expected 10.0.0.0/8 for the range, or 10.1.2.3/32 for the address',
  );
  expect(canonical('2001:db8::1/64')).toContain('expected 2001:db8::/64 for the range, or 2001:db8::1/128');
  expect(canonical('::ffff:0:0/80')).toContain('expected ::/80 for the range');
  const none = 'found no address; expected an address or a range such as 192.0.2.0/24 or 2001:db8::/32';
  const wrong = [
    ...[
      '',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '256.1.1.1',
      '1.2.3.4/33',
      '1.2.3.4/',
      '1.2.3.4/08',
      '1.2.3.4/-1',
      '1.2.3.4/8/8',
    ],
    ...[
      '::1/129',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '12345::',
      'g::',
      '1.2.3.4::',
      '::1.2.3.4:5',
    ],
    ...['fe80::1%eth0', '[::1]', ' 1.2.3.4', '1.2.3.4:80', 'localhost', 'kt_secret'],
  ];
  for (const text of wrong) expect(canonical(text), text).toBe(none);
});

test('address: an IPv4-mapped address is IPv4, a zone is ignored, and an unknown address is in no range', () => {
  const list = ['192.0.2.0/24', 'fe80::/10'];
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', 'fe80::1%eth0']) {
    expect(isAddressIn(list, address), address).toBe(true);
  }
  for (const address of ['192.0.3.7', '::192.0.2.7', '::ffff:0:192.0.2.7', 'nonsense', '', null]) {
    expect(isAddressIn(list, address), String(address)).toBe(false);
  }
  expect([isAddressIn(['::/0'], '192.0.2.7'), isAddressIn(['0.0.0.0/0'], '::1')]).toEqual([false, false]);
  expect(isAddressIn([], '192.0.2.7')).toBe(false);
});

const { below } = seededDraw(20261130);
const group = () => (below(3) === 0 ? 0 : below(3) === 0 ? 0xffff : below(0x10000));
const ipv4 = () => Array.from({ length: 4 }, () => (below(4) === 0 ? below(2) * 255 : below(256))).join('.');
const ipv6 = () => {
  const groups = Array.from({ length: 8 }, () => group().toString(16));
  if (below(4) === 0) return `::ffff:${ipv4()}`;
  return below(2) === 0
    ? groups.join(':')
    : `${groups.slice(0, below(4)).join(':')}::${groups.slice(8 - below(4)).join(':')}`;
};
/** The address with one bit changed, so that ranges meet it or miss it narrowly. */
const near = (address: string) => {
  if (!isIPv4(address)) return below(2) === 0 ? address : ipv6();
  const parts = address.split('.').map(Number);
  const at = below(4);
  parts[at] = (parts[at] ?? 0) ^ (1 << below(8));
  return parts.join('.');
};

test('address: for random ranges and addresses the answer is that of Node’s BlockList', () => {
  let hits = 0;
  for (let round = 0; round < 3_000; round += 1) {
    const text = below(2) === 0 ? ipv4() : ipv6();
    const bits = isIPv4(text) ? 32 : 128;
    const prefix = below(4) === 0 ? bits : below(bits + 1);
    const written = canonical(`${text}/${prefix}`);
    // With host bits set, the message names the range.
    const range = /expected (\S+) for the range/.exec(written)?.[1] ?? written;
    const parsed = parseRange(range);
    if ('problem' in parsed) throw new Error(range);
    const [first = '', length = ''] = formatRange(parsed).split('/');
    const family = isIPv4(first) ? 'ipv4' : 'ipv6';
    const judge = new BlockList();
    judge.addSubnet(first, Number(length), family);
    const address = near(below(3) === 0 ? ipv6() : below(2) === 0 ? ipv4() : text);
    expect(isIP(address)).not.toBe(0);
    const plain = formatRange(parseRange(address) as Exclude<ReturnType<typeof parseRange>, { problem: string }>).split(
      '/',
    )[0]!;
    // Families are apart: Node lets ::/0 contain IPv4.
    const isSameFamily = isIPv4(plain) === (family === 'ipv4');
    const expected = isSameFamily && judge.check(plain, family);
    expect(isAddressIn([formatRange(parsed)], address), `${address} in ${range}`).toBe(expected);
    hits += Number(expected);
  }
  expect(hits).toBeGreaterThan(100);
});

test('address: a range includes another exactly when it has no address outside of it', () => {
  for (let round = 0; round < 500; round += 1) {
    const [a, b] = [below(9), below(9)].map((prefix) => {
      const first = (below(256) >> (8 - prefix)) << (8 - prefix);
      return { groups: [0xc000, 0x0200 | first], prefix: 24 + prefix };
    }) as unknown as [AddressRange, AddressRange];
    const all = Array.from({ length: 256 }, (_, last) => `192.0.2.${last}`);
    const inside = all.filter((address) => isAddressIn([formatRange(b)], address));
    expect(includesRange(a, b)).toBe(inside.every((address) => isAddressIn([formatRange(a)], address)));
  }
  expect(includesRanges(['10.0.0.0/8', '::/0'], ['10.1.0.0/16', '2001:db8::/32'])).toBe(true);
  expect(includesRanges(['10.0.0.0/8'], ['10.1.0.0/16', '2001:db8::/32'])).toBe(false);
});
