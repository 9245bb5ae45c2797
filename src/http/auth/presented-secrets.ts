import type { IncomingMessage } from 'node:http';

/** Where clients send their secrets: `bearer` and `basic` in Authorization, or the name of a header in lower case. */
export type SecretHeader = string;

/**
 * Returns the different secrets that a client sent in those headers, without empty ones. A header that came twice counts with
 * each of its values. Another scheme of Authorization holds no secret of ours and is ignored.
 */
export function readPresentedSecrets(
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
  from: readonly SecretHeader[],
): readonly string[] {
  const found = from.flatMap((name) => {
    if (name === 'bearer') return (headersDistinct['authorization'] ?? []).map(readBearer);
    if (name === 'basic') return (headersDistinct['authorization'] ?? []).map(readBasicPassword);
    return headersDistinct[name] ?? [];
  });
  return [...new Set(found.map((text) => text.trim()))].filter((text) => text !== '');
}

function readBearer(value: string): string {
  return /^Bearer +(.+)$/is.exec(value.trim())?.[1] ?? '';
}

/** Returns the password of Basic credentials (RFC 7617, section 2), empty for another scheme. The user name is ignored. */
export function readBasicPassword(value: string): string {
  const [, base64] = /^Basic +(.+)$/is.exec(value.trim()) ?? [];
  return base64 === undefined
    ? ''
    : Buffer.from(base64, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:?/s, '');
}
