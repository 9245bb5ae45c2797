import type { IncomingMessage } from 'node:http';
import { readAttachedBody } from './request-body.ts';

/** Of most forms, in bytes: an email, a password of 1,024 bytes that is percent-encoded, a code. */
export const FORM_MAX = 8_000;

/**
 * The fields of a form (application/x-www-form-urlencoded, in UTF-8); those that are empty count as left out. Null: the
 * body is none, or has a field twice (RFC 6749, section 3.2).
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
