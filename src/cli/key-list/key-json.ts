/** The fields that are selected of a key. */
export const KEY_SELECTION = `id name state standing createdAt expiresAt stopsAt stopsBasis lastUsedAt
  warnings { code message from }
  realm { slug } owner { id name } scopes { action resource } labels { name value }`;

interface SelectedKey extends Omit<KeyJson, 'realm' | 'labels'> {
  readonly realm: { readonly slug: string };
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** A key in its JSON form. Instants are RFC 3339 in UTC. The members are stable. */
export interface KeyJson {
  readonly id: string;
  readonly name: string;
  readonly realm: string;
  readonly owner: { readonly id: string; readonly name: string };
  readonly state: 'ACTIVE' | 'HELD' | 'EXPIRED' | 'REVOKED';
  readonly standing: string;
  readonly scopes: readonly { readonly action: string; readonly resource: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly stopsAt: string | null;
  readonly stopsBasis: 'HARD' | 'BY_USE' | null;
  readonly lastUsedAt: string | null;
  /** Announced changes that will stop the key; `from` is the beginning of a day in UTC. */
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly from: string }[];
}

/** Converts a key as KEY_SELECTION selects it to its JSON form. */
export function toKeyJson(selected: unknown): KeyJson {
  const { id, name, realm, owner, state, standing, scopes, labels, ...rest } = selected as SelectedKey;
  const { createdAt, expiresAt, stopsAt, stopsBasis, lastUsedAt, warnings } = rest;
  return {
    id,
    name,
    realm: realm.slug,
    owner: { id: owner.id, name: owner.name },
    state,
    standing,
    scopes,
    labels: Object.fromEntries(labels.map((label) => [label.name, label.value])),
    createdAt,
    expiresAt,
    stopsAt,
    stopsBasis,
    lastUsedAt,
    warnings,
  };
}
