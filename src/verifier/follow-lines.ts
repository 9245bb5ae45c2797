/** The version of the format of /snapshot and /log. */
export const FOLLOW_FORMAT = 1;

/**
 * A line of /snapshot and /log: a JSON object with one of these fields. Readers ignore lines with other fields, and fields
 * that they do not know. All instants are whole milliseconds since 1970.
 */
export interface FollowLine {
  readonly realm?: RealmLine;
  readonly key?: KeyLine;
  readonly head?: HeadLine;
  readonly end?: EndLine;
}

/** What a realm decides about verifications of all its keys: replaces what was known of the realm. */
export interface RealmLine {
  readonly format: number;
  readonly id: string;
  readonly slug: string;
  readonly foldsCase: boolean;
  /** The actions that it has or ever had. */
  readonly actions: readonly string[];
  /** The form of foreign secrets that it accepts. Null: it accepts none. Not sent by an earlier release: unknown. */
  readonly foreignSecrets?: { readonly pattern: string } | null;
}

/** A whole key with all of its secrets: replaces what was known of the key. */
export interface KeyLine {
  readonly id: string;
  readonly ownerId: string;
  /** The API's id for the subject that owns it; missing or null: no subject owns it. */
  readonly externalId?: string | null;
  readonly tokenRuleId: string | null;
  readonly scopes: readonly { readonly action: string; readonly resource: string }[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly expiresAt: number | null;
  readonly expiryBasis: 'HARD' | 'BY_USE' | null;
  readonly stopsAt: number | null;
  readonly expiredAt: number | null;
  readonly revokedAt: number | null;
  readonly renewalDueAt: number | null;
  /** Before this moment the key is not valid yet. Gateways of earlier releases do not send it. */
  readonly notBefore?: number | null;
  /** The ranges from which the key may be used, in canonical form. Empty, or not sent by an earlier release: from anywhere. */
  readonly allowedAddresses?: readonly string[];
  /** What verifications warn of; `from` is the first moment of a UTC day. Missing or null: of nothing. */
  readonly warnings?: readonly { readonly code: string; readonly from: number }[] | null;
  /** Announced times in which the key is refused as BROWNOUT. Missing or null: there are none. */
  readonly brownouts?: readonly { readonly from: number; readonly to: number }[] | null;
  /** The sources of its holds. Empty: it is not held. */
  readonly holdSources: readonly string[];
  readonly secrets: readonly SecretLine[];
}

export interface SecretLine {
  /** SHA-256 of the whole secret, in hexadecimal; of a foreign secret what `foreignDigestOf` makes of it. */
  readonly digest: string;
  readonly generation: number;
  readonly retiresAt: number | null;
}

/** Where the reader is: it knows all changes that were committed before `asOf`. */
export interface HeadLine {
  /** Where to continue with /log. */
  readonly cursor: string;
  readonly asOf: number;
  /** The gateway's time when the line was sent. */
  readonly time: number;
}

/**
 * Why a stream of /log ends. RESET: changes are missing, take a new snapshot; FORBIDDEN: the reader's key has ended, or may
 * no longer follow; RESTART: continue with another connection.
 */
export interface EndLine {
  readonly reason: 'RESET' | 'FORBIDDEN' | 'RESTART';
}
