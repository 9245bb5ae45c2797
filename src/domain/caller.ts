import type { Scope } from './scope.ts';

export type Role = 'OWNER' | 'ADMIN' | 'MEMBER';

/** Nobody has proved who they are. */
export interface Anonymous {
  readonly kind: 'ANONYMOUS';
  /** A digest of what they show instead, such as an invitation's token: what one of them asks for again is no other's. */
  readonly credentialDigest?: string;
}

/** A person with a good session. */
export interface AccountCaller {
  readonly kind: 'ACCOUNT';
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  readonly isAdministrator: boolean;
  /** The roles held, by organization id. */
  readonly roles: ReadonlyMap<string, Role>;
}

/** A program that showed a secret of a key that works. */
export interface KeyCaller {
  readonly kind: 'KEY';
  readonly id: string;
  readonly name: string;
  readonly realmId: string;
  readonly ownerId: string;
  readonly scopes: readonly Scope[];
  readonly secretId: string;
  readonly generation: number;
  /** Whether the secret shown is the current one, not one that is on its way out. */
  readonly isCurrent: boolean;
  /** Whether nobody had been seen to use the secret when it was proved. */
  readonly isUnused: boolean;
}

export type Caller = Anonymous | AccountCaller | KeyCaller;

export const anonymous: Anonymous = { kind: 'ANONYMOUS' };

/** Names a caller in idempotency records: the same for every credential of one account or key. */
export function callerName(caller: Caller): string {
  return caller.kind === 'ANONYMOUS' ? `anonymous ${caller.credentialDigest ?? ''}`.trimEnd() : caller.id;
}

/** Whether a key holds a reserved action, by its exact name. */
export function hasReservedAction(caller: KeyCaller, action: string): boolean {
  return caller.scopes.some((scope) => scope.action === action);
}
