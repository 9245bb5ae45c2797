import type { IncomingMessage } from 'node:http';
import { readAttachedBody } from './request-body.ts';

/** The longest body of most forms, in bytes: an email, a percent-encoded password of 1,024 bytes, a code. */
export const FORM_MAX = 8_000;

/**
 * Reads the fields of a form (application/x-www-form-urlencoded, UTF-8). Empty fields count as absent. Returns null if
 * the body is not a form, or has a field twice (RFC 6749, section 3.2).
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string> | null> {
  const body = await readAttachedBody(request);
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(request.headers['content-type'] ?? '')) return null;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (fields.has(name)) return null;
    fields.set(name, value);
  }
  return new Map([...fields].filter(([, value]) => value !== ''));
}
