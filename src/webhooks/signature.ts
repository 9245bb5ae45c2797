import { createHmac } from 'node:crypto';
import type { Sensitive } from '../domain/sensitive.ts';

/** What is signed of a request: its id, its moment in seconds since 1970, and its body (Standard Webhooks 1.0.0, "Signature scheme"). */
export function signedContent(id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
}

/** The symmetric signature of what is signed, `v1` without its name: HMAC-SHA-256. */
export function hmacOf(secret: Sensitive<Buffer>, content: Buffer): Buffer {
  return createHmac('sha256', secret.reveal()).update(content).digest();
}
