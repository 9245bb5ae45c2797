/** An address in its family: 2 groups of 16 bits for IPv4, 8 for IPv6. An IPv4-mapped IPv6 address is IPv4. */
type Groups = readonly number[];

/** A range of addresses in CIDR notation (RFC 4632, RFC 4291). */
export interface AddressRange {
  readonly groups: Groups;
  /** How many leading bits all addresses of the range have in common. */
  readonly prefix: number;
}

/** How many ranges a list has at most. */
export const RANGES_MAX = 50;

const GROUP_BITS = 16;
const MAPPED_BITS = 96;

/**
 * Returns the range that a text names: an address, or an address with the length of a prefix. A range of IPv4-mapped addresses is a
 * range of IPv4. The problem, if there is one, repeats nothing but addresses.
 */
export function parseRange(text: string): AddressRange | { readonly problem: string } {
  const [address = '', length, ...rest] = text.split('/');
  const whole = parseGroups(address);
  const isMapped = whole !== null && whole.length > 2 && isMappedAddress(whole);
  const bits = whole === null ? 0 : whole.length * GROUP_BITS;
  const given = length === undefined ? bits : /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : -1;
  if (whole === null || rest.length > 0 || given < 0 || given > bits) {
    return { problem: 'found no address; expected an address or a range such as 192.0.2.0/24 or 2001:db8::/32' };
  }
  const first = clearHostBits(whole, given);
  if (!isSame(first, whole)) {
    const address = formatGroups(whole);
    const expected = `${formatGroups(first)}/${given} for the range, or ${address}/${bits} for the address`;
    return { problem: `found ${address}/${given}, whose address is not the first of the range; expected ${expected}` };
  }
  return isMapped ? { groups: whole.slice(6), prefix: given - MAPPED_BITS } : { groups: whole, prefix: given };
}

/** Returns the canonical text of a range: IPv6 as in RFC 5952, always with the prefix. */
export function formatRange({ groups, prefix }: AddressRange): string {
  return `${formatGroups(groups)}/${prefix}`;
}

/** Whether a range contains all addresses of another. */
export function includesRange(outer: AddressRange, inner: AddressRange): boolean {
  return (
    outer.groups.length === inner.groups.length &&
    outer.prefix <= inner.prefix &&
    isSame(clearHostBits(inner.groups, outer.prefix), outer.groups)
  );
}

/** The ranges of lists that cannot change: they are parsed once. */
const parsedLists = new WeakMap<readonly string[], readonly AddressRange[]>();

/** Whether an address is in one of the ranges of a list, which are in their canonical form. An unknown address is in none. */
export function isAddressIn(list: readonly string[], address: string | null): boolean {
  const groups = address === null ? null : parseAddress(address);
  if (groups === null) return false;
  return rangesOf(list).some((range) => includesRange(range, { groups, prefix: groups.length * GROUP_BITS }));
}

/** Whether each range of a list lies in one range of another list. Both are in their canonical form. */
export function includesRanges(outer: readonly string[], inner: readonly string[]): boolean {
  return rangesOf(inner).every((range) => rangesOf(outer).some((one) => includesRange(one, range)));
}

function rangesOf(list: readonly string[]): readonly AddressRange[] {
  const known = parsedLists.get(list);
  if (known !== undefined) return known;
  const ranges = list.flatMap((text) => {
    const range = parseRange(text);
    return 'problem' in range ? [] : [range];
  });
  if (Object.isFrozen(list)) parsedLists.set(list, ranges);
  return ranges;
}

/** Returns the groups of an address, without its zone; an IPv4-mapped one as IPv4. Null: the text is not an address. */
function parseAddress(text: string): Groups | null {
  const groups = parseGroups(text.replace(/%.*$/s, ''));
  return groups !== null && groups.length > 2 && isMappedAddress(groups) ? groups.slice(6) : groups;
}

function parseGroups(text: string): Groups | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Groups | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return null;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Groups | null {
  const [head = '', tail, ...rest] = text.split('::');
  if (tail === undefined) {
    const groups = parseGroupList(head);
    return groups?.length === 8 ? groups : null;
  }
  // Only the end of an address may be written as IPv4.
  const [first, last] = head.includes('.') ? [null, null] : [parseGroupList(head), parseGroupList(tail)];
  if (first == null || last == null || rest.length > 0) return null;
  const zeros = 8 - first.length - last.length;
  return zeros < 1 ? null : [...first, ...Array.from({ length: zeros }, () => 0), ...last];
}

/** Parses groups of IPv6. The last two may be written as an IPv4 address. */
function parseGroupList(text: string): Groups | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const ipv4 = isLast && part.includes('.') ? parseIpv4(part) : null;
    if (ipv4 !== null) groups.push(...ipv4);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function isMappedAddress(groups: Groups): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function clearHostBits(groups: Groups, prefix: number): Groups {
  return groups.map((group, index) => {
    const networkBits = Math.min(GROUP_BITS, Math.max(0, prefix - index * GROUP_BITS));
    return group & (0xffff << (GROUP_BITS - networkBits)) & 0xffff;
  });
}

function isSame(one: Groups, other: Groups): boolean {
  return one.every((group, index) => group === other[index]);
}

function formatGroups(groups: Groups): string {
  if (groups.length === 2) return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Returns the first of the longest runs of zero groups. */
function longestZeros(groups: Groups): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
