import { sendOperation } from './send-operation.ts';
import type { Connection } from './connection.ts';
import { succeeded, type UserErrorFields } from './succeeded.ts';

/** How a secret is replaced. Sent again with the same values it is one replacement, and answered the same. */
export interface Replacement {
  readonly idempotencyKey: string;
  /** A public JWK as JSON text, to which the secret is sealed. */
  readonly publicKey: string;
  /** How long the old secret stays good, ISO 8601; null: as the gateway has it, a day. */
  readonly gracePeriod: string | null;
}

/** What became of it. */
export interface Replaced {
  /** The new secret as a compact JWE; null: none was made, or it cannot be repeated any more. */
  readonly secret: string | null;
  /** It was made, and cannot be shown again: it has been used, or a day has passed. */
  readonly secretUnavailable: boolean;
  /** Null: no secret was made. */
  readonly previousRetiresAt: string | null;
  readonly key: {
    readonly stopsAt: string | null;
    /** As it is now; null: none is pending. */
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

/** Renews the calling key as it was given last, by EXTEND or by ROTATE as policy wants. Throws as `ask`, and FAILED. */
export async function requestRenewal(connection: Connection, replacement: Replacement): Promise<Replaced> {
  const variables = { input: { ...replacement, accept: ['EXTEND', 'ROTATE'] } };
  const { renewKey: answer } = await sendOperation<ReplacementData<'renewKey'>>(connection, {
    query: RENEW,
    variables,
  });
  return succeeded(answer);
}

/** Replaces the calling key's secret and leaves its expiry. Throws as `ask`, and FAILED. */
export async function requestRotation(connection: Connection, replacement: Replacement): Promise<Replaced> {
  const { rotateKey: answer } = await sendOperation<ReplacementData<'rotateKey'>>(connection, {
    query: ROTATE,
    variables: { input: replacement },
  });
  return succeeded(answer);
}
