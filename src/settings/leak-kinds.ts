import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Sensitive } from '../domain/sensitive.ts';
import type { GithubKeyList } from '../http/leaks/github-keys.ts';
import type { LeakSourceSettings } from '../http/leaks/leak-routes.ts';
import type { LeakSourceSecret } from '../http/leaks/standard-webhooks-verifier.ts';
import { parseGithubKeys } from '../http/leaks/parse-github-keys.ts';
import { quoteValue, type SettingReading, type SettingKind } from './kinds.ts';

/** Bounds of a secret's size in bytes (Standard Webhooks 1.0.0, "Signature scheme"). */
const LEAST_SECRET = 24;
const MOST_SECRET = 64;

/** Size of a public key in bytes (RFC 8032, section 5.1.5). */
const PUBLIC_KEY = 32;

/** A source's name, which is part of a URL path. `github` is reserved. */
const SOURCE_NAME = /^(?!github$)[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/;

/** Where GitHub's public keys come from. Plain http is accepted for loopback hosts only. */
export const githubKeys: SettingKind<GithubKeyList> = {
  accepts:
    'an https URL such as https://api.github.com/meta/public_keys/secret_scanning, or the path of a file with that list',
  read: (text) => {
    if (!/^[a-z]+:\/\//i.test(text)) return readList(text);
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.username !== '' || url.password !== '')
      return { found: 'a value that is not a URL, or a URL with a user name (not shown)' };
    const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
    const isFit = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback);
    return isFit ? { value: { url: url.href } } : { found: quoteValue(text) };
  },
};

function readList(path: string): SettingReading<GithubKeyList> {
  try {
    const keys = parseGithubKeys(readFileSync(path, 'utf8'));
    return keys === null ? { found: `a file without a current key, ${quoteValue(path)}` } : { value: { keys } };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { found: `a file that cannot be read, ${quoteValue(path)} (${code})` };
  }
}

/** Sources and their secrets, separated by line breaks or commas. Messages do not show their values. */
export const leakSources: SettingKind<readonly LeakSourceSettings[]> = {
  accepts: `lines such as scanner=whsec_… (${LEAST_SECRET} to ${MOST_SECRET} bytes in base64) or scanner=whpk_… (an Ed25519 public key); names consist of a-z, 0-9 and -; github is reserved`,
  read: (text) => {
    const sources = new Map<string, LeakSourceSecret[]>();
    const lines = text.split(/[\n,]/).map((line) => line.trim());
    for (const line of lines.filter((line) => line !== '')) {
      const [name = '', secret = ''] = line.split(/=(.*)/s, 2);
      const read = SOURCE_NAME.test(name) ? readSecret(secret) : null;
      if (read === null)
        return { found: `an invalid entry, number ${[...sources.values()].flat().length + 1} (not shown)` };
      sources.set(name, [...(sources.get(name) ?? []), read]);
    }
    return { value: [...sources].map(([name, secrets]) => ({ name, secrets })) };
  },
};

function readSecret(text: string): LeakSourceSecret | null {
  const [, kind, base64 = ''] = /^(whsec|whpk)_([A-Za-z\d+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (kind === 'whsec') {
    const isFit = bytes.length >= LEAST_SECRET && bytes.length <= MOST_SECRET;
    return isFit ? { secret: new Sensitive(bytes) } : null;
  }
  return bytes.length === PUBLIC_KEY ? { publicKey: publicKeyOf(bytes) } : null;
}

function publicKeyOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
}
