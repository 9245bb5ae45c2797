import { createHmac, sign } from 'node:crypto';
import type { Sensitive } from '../domain/sensitive.ts';
import type { SigningSecret } from './webhook-secrets.ts';

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

/** The headers that Standard Webhooks adds to a body. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a body with its id and the time of the attempt. Each secret signs twice: with HMAC-SHA-256 (`v1`) and with
 * Ed25519 (`v1a`), as in Standard Webhooks 1.0.0 ("Signature scheme"). The signatures of the newest secret come first.
 */
export function signWebhook(id: string, body: string, at: Date, secrets: readonly SigningSecret[]): SignatureHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const content = signedContent(id, timestamp, body);
  const signatures = secrets.flatMap(({ secret, privateKey }) => [
    `v1,${hmacOf(secret, content).toString('base64')}`,
    `v1a,${sign(null, content, privateKey).toString('base64')}`,
  ]);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
