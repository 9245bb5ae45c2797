import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { parseSubnet, type Subnet } from '../http/client-address.ts';

/**
 * The result of reading a setting: its value, or a description of what was found instead. It never reveals a secret.
 */
export type SettingReading<Value> = { readonly value: Value } | { readonly found: string };

/** A kind of setting: how it is read, and a description of what it accepts. */
export interface SettingKind<Value> {
  readonly accepts: string;
  read(text: string): SettingReading<Value>;
}

/** Maximum length of a wrong value in a message, in characters. */
const QUOTED_LENGTH_MAX = 100;

export function quoteValue(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}

export function wholeNumber(least: number, most: number, note = ''): SettingKind<number> {
  return {
    accepts: `a whole number from ${least} to ${most}${note}`,
    read: (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? { value } : { found: quoteValue(text) };
    },
  };
}

export function oneOf<const Name extends string>(...names: readonly Name[]): SettingKind<Name> {
  return {
    accepts: `one of ${names.join(', ')}`,
    read: (text) => {
      const value = names.find((name) => name === text);
      return value === undefined ? { found: quoteValue(text) } : { value };
    },
  };
}

export const host: SettingKind<string> = {
  accepts: 'an IP address without brackets, or a host name',
  read: (text) =>
    isIP(text) !== 0 || /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i.test(text)
      ? { value: text }
      : { found: quoteValue(text) },
};

/** A folder, resolved against the working directory of the gateway. */
export const folder: SettingKind<string> = { accepts: 'a path', read: (text) => ({ value: resolve(text) }) };

/** An email address, in lower case, like the emails of accounts. */
export const email: SettingKind<string> = {
  accepts: 'an email address of at most 254 characters',
  read: (text) =>
    text.length <= 254 && /^[^\s@<>"(),:;\\]+@[^\s@<>"(),:;\\]+$/.test(text)
      ? { value: text.toLowerCase() }
      : { found: quoteValue(text) },
};

/** An http or https URL, without trailing slashes. */
export const httpBaseUrl: SettingKind<string> = {
  accepts: 'an http or https URL without user name, query or fragment',
  read: (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) return { found: quoteValue(text) };
    if (url.username !== '' || url.password !== '') return { found: 'a URL with a user name or password in it' };
    if (url.search !== '' || url.hash !== '') return { found: quoteValue(text) };
    return { value: url.href.replace(/\/+$/, '') };
  },
};

/** Reads a list of at least one item. The empty text, which only a default can be, gives the empty list. */
export function commaSeparated<Item>(
  what: string,
  readItem: (text: string) => Item | null,
): SettingKind<readonly Item[]> {
  return {
    accepts: `a comma-separated list of ${what}`,
    read: (text) => {
      const value: Item[] = [];
      if (text === '') return { value };
      for (const part of text.split(',').map((part) => part.trim())) {
        const item = readItem(part);
        if (item === null) return { found: part === '' ? 'an empty entry' : quoteValue(part) };
        value.push(item);
      }
      return { value };
    },
  };
}

export const origins: SettingKind<readonly string[]> = commaSeparated(
  'origins such as https://console.example',
  (text) => (URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text ? text : null),
);

export const subnets: SettingKind<readonly Subnet[]> = commaSeparated(
  'IP addresses and CIDR ranges such as 10.0.0.0/8, none with a prefix of 0',
  parseSubnet,
);

/** Host names in lower case, and CIDR ranges. */
export const hostsOrSubnets: SettingKind<readonly (string | Subnet)[]> = commaSeparated(
  'host names, IP addresses and CIDR ranges such as hooks.internal and 10.0.0.0/8, none with a prefix of 0',
  (text) => parseSubnet(text) ?? readHost(text),
);

export const hosts: SettingKind<readonly string[]> = commaSeparated('host names and IP addresses', readHost);

export const ports: SettingKind<readonly number[]> = commaSeparated('port numbers from 1 to 65535', (text) =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535 ? Number(text) : null,
);

function readHost(text: string): string | null {
  return 'value' in host.read(text) ? text.toLowerCase() : null;
}

/** Names of installed npm packages (docs.npmjs.com, package.json, "name"). */
export const packageNames: SettingKind<readonly string[]> = commaSeparated(
  'names of npm packages such as @acme/policies',
  (text) => (/^(?=.{1,214}$)(?:@[a-z\d~-][a-z\d._~-]*\/)?[a-z\d~-][a-z\d._~-]*$/.test(text) ? text : null),
);

/** A retention in ms; null: unlimited. */
export function retention(leastMs: number): SettingKind<number | null> {
  return {
    accepts: `a duration of at least ${formatDuration(leastMs)} such as P90D, or none for unlimited retention`,
    read: (text) => {
      if (text === 'none') return { value: null };
      const parsed = parseDuration(text);
      return 'ms' in parsed && parsed.ms >= leastMs ? { value: parsed.ms } : { found: quoteValue(text) };
    },
  };
}

export const postgresUrl: SettingKind<Sensitive<string>> = {
  accepts: 'a URL such as postgresql://user:password@host:5432/database',
  read: (text) =>
    URL.canParse(text) && /^postgres(ql)?:\/\//.test(text)
      ? { value: new Sensitive(text) }
      : { found: 'a value that is not a PostgreSQL URL (not shown)' },
};

/** The URL of a mail server. A path, query or fragment is refused, because it would be ignored. */
export const smtpUrl: SettingKind<Sensitive<string>> = {
  accepts: 'a URL such as smtps://user:password@host:465, or smtp://host:587',
  read: (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isPlain = url !== null && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
    return isPlain && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && isDecodable(url)
      ? { value: new Sensitive(text) }
      : { found: 'a value that is not a mail server URL (not shown)' };
  },
};

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** A sender: an email address, optionally after a name. */
export const mailbox: SettingKind<{ readonly name: string; readonly address: string }> = {
  accepts: 'an email address, optionally with a name, such as Keytide <keytide@example.com>',
  read: (text) => {
    const [, name = '', address = text] = /^([^<>"\p{Cc}]*)<([^<>]+)>$/u.exec(text) ?? [];
    const reading = email.read(address);
    return 'value' in reading ? { value: { name: name.trim(), address } } : { found: quoteValue(text) };
  },
};

/** Exactly `size` bytes in base64 or base64url, padded or not. */
export function base64Bytes(size: number): SettingKind<Sensitive<Uint8Array>> {
  return {
    accepts: `${size} bytes in base64; generate them with \`openssl rand -base64 ${size}\``,
    read: (text) => {
      if (!/^[\w+/-]+={0,2}$/.test(text)) return { found: 'a value that is not base64 (not shown)' };
      const bytes = new Uint8Array(Buffer.from(text, 'base64'));
      return bytes.length === size ? { value: new Sensitive(bytes) } : { found: `base64 of ${bytes.length} bytes` };
    },
  };
}

export const sensitiveText: SettingKind<Sensitive<string>> = {
  accepts: 'any text',
  read: (text) => ({ value: new Sensitive(text) }),
};
