import { createHmac } from 'node:crypto';
import type { Sensitive } from '../domain/sensitive.ts';

/**
 * Returns the bytes that a signature covers: the id, the timestamp in seconds since 1970 and the body (Standard
 * Webhooks 1.0.0, "Signature scheme").
 */
export function signedContent(id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
}

/** Returns the HMAC-SHA-256 of signed content: a `v1` signature without its prefix. */
export function hmacOf(secret: Sensitive<Buffer>, content: Buffer): Buffer {
  return createHmac('sha256', secret.reveal()).update(content).digest();
}
