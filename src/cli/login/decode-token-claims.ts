import type { Sensitive } from '../../domain/sensitive.ts';

/** The claims of a session token (RFC 7519, section 3), not proved; none of what is no such token. */
export function decodeTokenClaims(token: Sensitive<string>): { readonly exp?: unknown } {
  try {
    const [, payload = ''] = token.reveal().split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
  } catch {
    return {};
  }
}
