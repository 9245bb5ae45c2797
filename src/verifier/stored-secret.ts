import type { MessageFacts } from '../domain/outcome-message.ts';
import type { KeyBrownout } from '../domain/brownout.ts';
import type { StoredWarning } from '../domain/verification-warning.ts';
import type { StopBasis } from '../domain/verdict.ts';

/** A key, by one of its secrets: everything that a verification needs. */
export interface FoundKey extends MessageFacts {
  readonly id: string;
  readonly name: string;
  readonly realmId: string;
  readonly ownerId: string;
  /** The API's id for the subject that owns the key; null: no subject owns it. */
  readonly externalId: string | null;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** The suggested moment of its next renewal. */
  readonly renewalDueAt: Date | null;
  readonly stopsAt: Date | null;
  /** What verifications of the key warn of. */
  readonly warnings: readonly StoredWarning[];
  readonly brownouts: readonly KeyBrownout[];
  readonly secretId: string;
  /** 52 and 44 bits of the secret's id, among them all that are random. Undefined: it has not our form. */
  readonly secretLow?: number | undefined;
  readonly secretHigh?: number | undefined;
  readonly generation: number;
  readonly firstUsedAt: Date | null;
}

/** A stored secret with its key and realm, all of one moment. */
export interface StoredSecret extends FoundKey {
  readonly digest: Uint8Array;
  readonly expiryBasis: StopBasis | null;
}

/** What a realm decides about verifications of all its keys. */
export interface VerifiedRealm {
  readonly id: string;
  readonly slug: string;
  readonly foldsCase: boolean;
  /** The actions that it has or ever had. */
  readonly actions: ReadonlySet<string>;
}
