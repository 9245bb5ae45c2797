import { sendOperation } from './send-operation.ts';
import { ClientError } from './client-error.ts';
import type { Connection } from './connection.ts';

/** A key, as it is shown to itself. Instants are RFC 3339 in UTC, durations ISO 8601. */
export interface OwnKey {
  readonly id: string;
  readonly name: string;
  readonly state: 'ACTIVE' | 'HELD' | 'EXPIRED' | 'REVOKED';
  readonly stopsAt: string | null;
  readonly stopsBasis: 'HARD' | 'BY_USE' | null;
  readonly renewalInfo: OwnRenewalInfo;
  /** Newest first. One alone has no `retiresAt`: it stays. */
  readonly secrets: readonly OwnSecret[];
  /** Null: none is pending. */
  readonly rotation: OwnPendingRotation | null;
}

/** When and how to renew it. */
export interface OwnRenewalInfo {
  readonly allowed: boolean;
  readonly mode: 'EXTEND' | 'ROTATE';
  readonly suggestedAt: string | null;
  readonly retryAfter: string;
  readonly reason: string;
}

/** One generation of a key's secret; `start` are its first nine characters. */
export interface OwnSecret {
  readonly start: string;
  readonly generation: number;
  readonly createdAt: string;
  readonly firstUsedAt: string | null;
  readonly retiresAt: string | null;
}

/** Who has moved to the new secret, and who has not. */
export interface OwnPendingRotation {
  readonly startedAt: string;
  readonly previousRetiresAt: string;
  readonly notMoved: readonly string[];
  readonly hasUnlabelled: boolean;
}

const OWN_KEY_QUERY = `query OwnKey {
  viewer {
    __typename
    ... on Key {
      id
      name
      state
      stopsAt
      stopsBasis
      renewalInfo { allowed mode suggestedAt retryAfter reason }
      secrets { start generation createdAt firstUsedAt retiresAt }
      rotation { startedAt previousRetiresAt notMoved hasUnlabelled }
    }
  }
}`;

/**
 * The key whose secret the connection's credential is. To ask about oneself is no use of the key.
 *
 * @throws ClientError as `ask` does; REFUSED with the code NOT_A_KEY when the credential is a session's.
 */
export async function readOwnKey(connection: Connection): Promise<OwnKey> {
  type Viewer = { readonly viewer: (OwnKey & { readonly __typename: 'Key' }) | { readonly __typename: 'Account' } };
  const { viewer } = await sendOperation<Viewer>(connection, { query: OWN_KEY_QUERY });
  if (viewer.__typename === 'Key') return viewer;
  throw new ClientError('REFUSED', 'The credential is the session of an account, not the secret of a key.', {
    code: 'NOT_A_KEY',
  });
}
