import { sendOperation } from './send-operation.ts';
import type { Connection } from './connection.ts';
import { succeeded, type UserErrorFields } from './succeeded.ts';

/**
 * The parameters of a replacement. A request that is repeated with the same parameters replaces the secret once and
 * returns the same result.
 */
export interface Replacement {
  readonly idempotencyKey: string;
  /** A public JWK in JSON, to which the secret is sealed. */
  readonly publicKey: string;
  /** How long the old secret stays valid, ISO 8601; null: the gateway's default, a day. */
  readonly gracePeriod: string | null;
}

/** The result of a renewal or rotation. */
export interface Replaced {
  /** The new secret as a compact JWE; null: no secret was issued, or it is no longer available. */
  readonly secret: string | null;
  /** Whether a secret was issued that can no longer be returned: it has been used, or a day has passed. */
  readonly secretUnavailable: boolean;
  /** When the old secret retires; null: no secret was issued. */
  readonly previousRetiresAt: string | null;
  readonly key: {
    readonly stopsAt: string | null;
    /** The pending rotation; null: there is none. */
    readonly rotation: { readonly startedAt: string } | null;
  };
}

const SELECTION = `
  __typename
  ... on UserError { code message }
  ... on RotationPending { previousRetiresAt }
  ... on KeyNotActive { state }`;

const SUCCESS = '{ secret secretUnavailable previousRetiresAt key { stopsAt rotation { startedAt } } }';

const RENEW = `mutation Renew($input: RenewKeyInput!) {
  renewKey(input: $input) {${SELECTION}
    ... on RenewalNotAllowed { allowedAt }
    ... on ExpiryOutOfBounds { earliest latest }
    ... on RenewKeySuccess ${SUCCESS}
  }
}`;

const ROTATE = `mutation Rotate($input: RotateKeyInput!) {
  rotateKey(input: $input) {${SELECTION}
    ... on RotateKeySuccess ${SUCCESS}
  }
}`;

type ReplacementData<Field extends string> = {
  readonly [field in Field]: (Replaced & { readonly __typename: string }) | UserErrorFields;
};

/**
 * Renews the calling key with the expiry or lifetime that was last chosen for it, by EXTEND or ROTATE as policy
 * requires.
 *
 * @throws ClientError as `Client.ask` does, and FAILED.
 */
export async function requestRenewal(connection: Connection, replacement: Replacement): Promise<Replaced> {
  const variables = { input: { ...replacement, accept: ['EXTEND', 'ROTATE'] } };
  const { renewKey: result } = await sendOperation<ReplacementData<'renewKey'>>(connection, {
    query: RENEW,
    variables,
  });
  return succeeded(result);
}

/**
 * Rotates the secret of the calling key without changing its expiry.
 *
 * @throws ClientError as `Client.ask` does, and FAILED.
 */
export async function requestRotation(connection: Connection, replacement: Replacement): Promise<Replaced> {
  const { rotateKey: result } = await sendOperation<ReplacementData<'rotateKey'>>(connection, {
    query: ROTATE,
    variables: { input: replacement },
  });
  return succeeded(result);
}
