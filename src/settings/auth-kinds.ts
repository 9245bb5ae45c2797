import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import type { AuthPlace } from '../http/auth/listen-for-auth.ts';
import type { SecretHeader } from '../http/auth/presented-secrets.ts';
import { commaSeparated, quoteValue, type SettingKind } from './kinds.ts';

/** Where proxies are trusted without a credential: only programs on this machine can reach it. */
export const authPlace: SettingKind<AuthPlace> = {
  accepts: 'a loopback address with a port such as 127.0.0.1:4001, or unix: and the absolute path of a socket',
  read: (text) => {
    const [, path] = /^unix:(.+)$/.exec(text) ?? [];
    if (path !== undefined) return isAbsolute(path) ? { value: { path } } : { found: quoteValue(text) };
    const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? plain ?? '';
    const isFit = isLoopback(host) && Number(port) >= 1 && Number(port) <= 65535;
    return isFit ? { value: { host, port: Number(port) } } : { found: quoteValue(text) };
  },
};

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Slugs of realms. */
export const realmSlugs: SettingKind<readonly string[]> = commaSeparated('slugs of realms such as default', (text) =>
  /^[a-z\d-]{1,63}$/.test(text) ? text : null,
);

/** Headers with another meaning: a secret in one of these would be misread, or logged. */
const otherHeaders = ['authorization', 'connection', 'content-length', 'cookie', 'host', 'x-request-id'];

/** Where clients send their secrets. */
export const secretHeaders: SettingKind<readonly SecretHeader[]> = commaSeparated(
  'Bearer, Basic (its password) and names of headers such as X-API-Key',
  (text) => {
    const name = text.toLowerCase();
    const isFit = /^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(name) && !otherHeaders.includes(name);
    return isFit && !name.startsWith('x-keytide-') && !name.startsWith('x-forwarded-') ? name : null;
  },
);
