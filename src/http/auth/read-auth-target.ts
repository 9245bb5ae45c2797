import type { Purpose } from '../../domain/verification.ts';

/** The URL that a proxy is configured with: the realm of the keys, and what they are to be used for. */
export interface AuthTarget {
  readonly realm: string;
  /** Null: the URL names no action and resource, and scopes are not checked. */
  readonly purpose: Purpose | null;
  /** The URL has the segment that ends it: it is the prefix that Envoy is configured with. */
  readonly isPrefix: boolean;
}

/**
 * A segment that ends the configured URL. Envoy appends the path of the client's request to it, so that everything
 * after this segment is ignored.
 */
const END_SEGMENT = '-';

/**
 * Reads `/auth/<realm>` or `/auth/<realm>/<action>/<resource>`. All are percent-encoded and decoded once; the `/` of a
 * resource may be encoded or not, because some proxies encode what they are configured with. A segment `-` ends the
 * URL; a literal `-` is written `%2D`. The query is ignored. Returns null for a URL of another form.
 */
export function readAuthTarget(url: string): AuthTarget | null {
  const [, , ...segments] = url.replace(/[?#].*$/s, '').split('/');
  const end = segments.indexOf(END_SEGMENT);
  const literals = segments.slice(0, end === -1 ? undefined : end).map(decodeSegment);
  if (!url.startsWith('/') || literals.some((text) => text === null)) return null;
  const [realm, action, ...resource] = literals;
  if (!realm) return null;
  const isPrefix = end !== -1;
  if (action === undefined) return { realm, purpose: null, isPrefix };
  if (action === null || resource.length === 0) return null;
  return { realm, purpose: { action, resource: resource.join('/') }, isPrefix };
}

/** Returns null for a segment that is empty, not UTF-8, or that a program on the way may resolve. */
function decodeSegment(text: string): string | null {
  if (text === '' || text === '.' || text === '..') return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
