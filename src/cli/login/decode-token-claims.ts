import type { Sensitive } from '../../domain/sensitive.ts';

/**
 * Decodes the claims of a session token (RFC 7519, section 3) without verifying its signature; returns no claims if it
 * is malformed.
 */
export function decodeTokenClaims(token: Sensitive<string>): { readonly exp?: unknown } {
  try {
    const [, payload = ''] = token.reveal().split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
  } catch {
    return {};
  }
}
