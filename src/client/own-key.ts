import { sendOperation } from './send-operation.ts';
import { ClientError } from './client-error.ts';
import type { Connection } from './connection.ts';

/** A key as its own secret may read it. Instants are RFC 3339 in UTC, durations ISO 8601. */
export interface OwnKey {
  readonly id: string;
  readonly name: string;
  readonly state: 'ACTIVE' | 'HELD' | 'EXPIRED' | 'REVOKED';
  readonly stopsAt: string | null;
  readonly stopsBasis: 'HARD' | 'BY_USE' | null;
  /** Announced changes that will stop the key. Empty: none, or a gateway of an earlier release. */
  readonly warnings: readonly OwnKeyWarning[];
  readonly renewalInfo: OwnRenewalInfo;
  /** Newest first. Exactly one, the current secret, has no `retiresAt`. */
  readonly secrets: readonly OwnSecret[];
  /** The pending rotation; null: there is none. */
  readonly rotation: OwnPendingRotation | null;
}

/** An announced change that will stop the key; `from` is the beginning of a day in UTC. */
export interface OwnKeyWarning {
  readonly code: string;
  readonly message: string;
  readonly from: string;
}

/** Whether, when and how to renew the key. */
export interface OwnRenewalInfo {
  readonly allowed: boolean;
  readonly mode: 'EXTEND' | 'ROTATE';
  readonly suggestedAt: string | null;
  readonly retryAfter: string;
  readonly reason: string;
}

/** A generation of a key's secret; `start` is its first nine characters. */
export interface OwnSecret {
  readonly start: string;
  readonly generation: number;
  readonly createdAt: string;
  readonly firstUsedAt: string | null;
  readonly retiresAt: string | null;
}

/** The pending rotation, and which consumers have not moved to the new secret. */
export interface OwnPendingRotation {
  readonly startedAt: string;
  readonly previousRetiresAt: string;
  readonly notMoved: readonly string[];
  readonly hasUnlabelled: boolean;
}

const ownKeyQuery = (more: string) => `query OwnKey {
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
      ${more}
    }
  }
}`;

/**
 * Reads the key whose secret is the connection's credential. This does not count as a use of the key.
 *
 * @throws ClientError as `Client.ask` does; REFUSED with the code NOT_A_KEY if the credential is a session token.
 */
export async function readOwnKey(connection: Connection): Promise<OwnKey> {
  const viewer = await askViewer(connection, 'warnings { code message from }').catch((error: unknown) => {
    // A gateway of an earlier release has no such field.
    const isOlder = error instanceof ClientError && error.kind === 'REFUSED' && error.message.includes('warnings');
    return isOlder ? askViewer(connection, '') : Promise.reject(error as Error);
  });
  if (viewer.__typename === 'Key') return { ...viewer, warnings: viewer.warnings ?? [] };
  throw new ClientError('REFUSED', 'The credential is a session token; expected the secret of a key.', {
    code: 'NOT_A_KEY',
  });
}

async function askViewer(connection: Connection, more: string) {
  type Key = Omit<OwnKey, 'warnings'> & { readonly __typename: 'Key'; readonly warnings?: OwnKey['warnings'] };
  type Viewer = { readonly viewer: Key | { readonly __typename: 'Account' } };
  return (await sendOperation<Viewer>(connection, { query: ownKeyQuery(more) })).viewer;
}
