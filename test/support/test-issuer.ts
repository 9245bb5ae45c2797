import { createHmac, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Encodes a part of a token. */
export const encodePart = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A key that an issuer signs with, and how. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256' | 'EdDSA';
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function newKey(kid: string, alg: SigningKey['alg'] = 'ES256'): SigningKey {
  if (alg === 'RS256') return { kid, alg, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
  if (alg === 'EdDSA') return { kid, alg, ...generateKeyPairSync('ed25519') };
  return { kid, alg, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

/** Signs a token with any header and claims, given as objects or as raw text. */
export function signToken(
  key: SigningKey,
  claims: unknown,
  header: unknown = { alg: key.alg, kid: key.kid, typ: 'JWT' },
) {
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  const algorithm = key.alg === 'EdDSA' ? null : 'sha256';
  const signature = signBytes(algorithm, Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Signs a token with a shared secret. */
export function signWithMac(secret: string | Buffer, claims: unknown, header: unknown): string {
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function jwkOf({ kid, alg, publicKey }: SigningKey): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

/** An issuer on a port of this machine that records its requests. */
export class TestIssuer {
  readonly url: string;
  readonly port: number;
  /** The requested paths, in order. */
  readonly requestedPaths: string[] = [];
  /** The keys that it publishes. */
  keys: SigningKey[];
  /** Replaces its responses; null: it responds normally. */
  override: ((path: string, response: ServerResponse) => void) | null = null;

  constructor(server: Server, keys: SigningKey[]) {
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.port}`;
    this.keys = keys;
    server.on('request', ({ url: path = '' }, response) => {
      this.requestedPaths.push(path);
      if (this.override !== null) this.override(path, response);
      else response.end(this.document(path));
    });
  }

  document(path: string): string {
    if (path === '/keys') return JSON.stringify({ keys: this.keys.map(jwkOf) });
    const algorithms = [...new Set(this.keys.map(({ alg }) => alg))];
    return JSON.stringify({
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      id_token_signing_alg_values_supported: algorithms,
    });
  }

  /** Returns the claims of a job at an instant, with more claims added. */
  claims(now: Date, audience: string, more: object = {}): Record<string, unknown> {
    const seconds = Math.floor(now.getTime() / 1000);
    const jti = `token-${Math.random()}`;
    return { iss: this.url, aud: audience, sub: 'job:1', jti, iat: seconds, nbf: seconds, exp: seconds + 300, ...more };
  }
}

export async function openTestIssuer(keys: SigningKey[] = [newKey('one')]): Promise<TestIssuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new TestIssuer(server, keys);
}
