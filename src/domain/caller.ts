import type { KeyBrownout } from './brownout.ts';
import type { PortalAction } from './portal.ts';
import type { Scope } from './scope.ts';
import type { StoredWarning } from './verification-warning.ts';

export type Role = 'OWNER' | 'ADMIN' | 'MEMBER';

/** A caller without a proved identity. */
export interface Anonymous {
  readonly kind: 'ANONYMOUS';
  /** A digest of what the caller sent instead, such as an invitation's token. It keeps the idempotency keys of anonymous callers apart. */
  readonly credentialDigest?: string;
}

/** A person with a valid session. */
export interface AccountCaller {
  readonly kind: 'ACCOUNT';
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  readonly isAdministrator: boolean;
  /** The person's roles, by organization id. */
  readonly roles: ReadonlyMap<string, Role>;
  /**
   * Whether changes that outlive the session need the password again: the session is that of a page in a browser, in which
   * the person has not given it lately. Default: false.
   */
  readonly needsPassword?: boolean;
}

/** A program that sent a valid secret of a working key. */
export interface KeyCaller {
  readonly kind: 'KEY';
  readonly id: string;
  readonly name: string;
  readonly realmId: string;
  readonly ownerId: string;
  readonly scopes: readonly Scope[];
  readonly secretId: string;
  /** Bits of the secret's id by which its use is counted (`UsedSecret`). */
  readonly secretLow?: number | undefined;
  readonly secretHigh?: number | undefined;
  readonly generation: number;
  /** Whether the secret is the current one, not one that is retiring. */
  readonly isCurrent: boolean;
  /** Whether no use of the secret was recorded when it was checked. */
  readonly isUnused: boolean;
  /** Whether it sent a foreign secret, with which it may only read, renew and rotate its own key. Default: false. */
  readonly isForeign?: boolean;
  /** What verifications of the key warn of. Default: nothing. */
  readonly warnings?: readonly StoredWarning[];
  /** The brownout that the key is in: verifiers refuse it. Default: none. */
  readonly brownout?: KeyBrownout;
}

/** A page in a customer's browser that sent the token of a portal session: it acts for one subject. */
export interface PortalCaller {
  readonly kind: 'PORTAL';
  /** Id of the session. */
  readonly id: string;
  readonly realmId: string;
  readonly subjectId: string;
  /** The key with keytide:manage, or the administrator's account, that made the session. */
  readonly createdById: string;
  readonly may: readonly PortalAction[];
}

/** A proxy that asks over a listener of its own, which the configuration trusts for that realm. It can only verify keys. */
export interface TrustedListener {
  readonly kind: 'LISTENER';
  readonly realmId: string;
}

export type Caller = Anonymous | AccountCaller | KeyCaller | PortalCaller;

export const anonymous: Anonymous = { kind: 'ANONYMOUS' };

/** Returns the name of a caller in idempotency records: the same for every credential of one account, key or subject. */
export function callerName(caller: Caller): string {
  if (caller.kind === 'ANONYMOUS') return `anonymous ${caller.credentialDigest ?? ''}`.trimEnd();
  return identityOf(caller);
}

/** Returns the id of the account, key or subject that a caller is, whichever credential it sent. */
export function identityOf(caller: Exclude<Caller, Anonymous>): string {
  return caller.kind === 'PORTAL' ? caller.subjectId : caller.id;
}

/** Whether a key has a scope with this reserved action, by its exact name. */
export function hasReservedAction(caller: KeyCaller, action: string): boolean {
  return caller.scopes.some((scope) => scope.action === action);
}
