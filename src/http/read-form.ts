import type { IncomingMessage } from 'node:http';
import { parseMediaType } from './media-type.ts';
import { isUtf8Query } from './read-request.ts';
import { readAttachedBody } from './request-body.ts';

/** The longest body of most forms, in bytes: an email, a percent-encoded password of 1,024 bytes, a code. */
export const FORM_MAX = 8_000;

/**
 * Reads the fields of a form (application/x-www-form-urlencoded, UTF-8). Empty fields count as absent. Returns null if
 * the body is not a form, has bytes that are not percent-encoded UTF-8, or has a field twice (RFC 6749, section 3.2).
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string> | null> {
  const body = readAttachedBody(request).toString('utf8');
  const type = parseMediaType(request.headers['content-type'] ?? '')?.type;
  if (type !== 'application/x-www-form-urlencoded' || !isUtf8Query(body)) return null;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) return null;
    fields.set(name, value);
  }
  return new Map([...fields].filter(([, value]) => value !== ''));
}
