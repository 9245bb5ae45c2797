import { ClientError } from './client-error.ts';
import { postForm } from './post-form.ts';

/** A job's token to exchange for a key. */
export interface TokenExchange {
  /** The OpenID Connect token of the job, a signed JWT. */
  readonly token: string;
  /**
   * 32 random bytes in base64url or hexadecimal. The same token with the same id gets the same key again, until the key's
   * first use, so that a lost response can be repeated. Any other second exchange of a token is refused.
   */
  readonly requestId: string;
}

/** A key that was issued in exchange for a token. It cannot be renewed. */
export interface ExchangedKey {
  readonly keyId: string;
  readonly secret: string;
  /** How long the key still lives, in seconds. */
  readonly expiresInSeconds: number;
}

/**
 * Exchanges a job's token for a key of 15 minutes (RFC 8693). Needs no credential: the token is the proof.
 *
 * @throws ClientError as `Client.ask` does; REFUSED with the code invalid_request if the token is refused.
 */
export async function exchangeJobToken(url: string, { token, requestId }: TokenExchange): Promise<ExchangedKey> {
  const result = await postForm(url, '/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    subject_token: token,
    request_id: requestId,
  });
  const { access_token: secret, key_id: keyId, expires_in: expiresInSeconds } = result;
  if (typeof secret === 'string' && typeof keyId === 'string' && typeof expiresInSeconds === 'number') {
    return { keyId, secret, expiresInSeconds };
  }
  throw new ClientError('UNREADABLE', `${url} returned no key.`);
}
