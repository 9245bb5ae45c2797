/** The fields that are selected of an event, besides its cursor. */
export const EVENT_SELECTION =
  'id type at recordedAt reason data actor { id kind name } key { id name realm { slug } owner { id } }';

/** An event as EVENT_SELECTION selects it. */
export interface SelectedEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly recordedAt: string;
  readonly reason: string | null;
  readonly data: unknown;
  readonly actor: { readonly id: string | null; readonly kind: string; readonly name: string | null } | null;
  readonly key: {
    readonly id: string;
    readonly name: string;
    readonly realm: { readonly slug: string };
    readonly owner: { readonly id: string };
  } | null;
}

/** Returns an event in its JSON form, for `--json` and for the standard input of `--exec`. */
export function toEventJson(cursor: string, event: SelectedEvent): object {
  const { id, type, at, recordedAt, key, actor, reason, data } = event;
  const keyJson = key === null ? null : { id: key.id, name: key.name, realm: key.realm.slug, ownerId: key.owner.id };
  return { cursor, id, type, at, recordedAt, key: keyJson, actor, reason, data };
}

/**
 * Returns an event as the body of a webhook, in the form of the gateway's own webhooks (Standard Webhooks 1.0.0,
 * "Payload structure").
 */
export function toWebhookBody(cursor: string, event: SelectedEvent): string {
  const { id, type, at, recordedAt, key, actor, reason, data } = event;
  const keyIds = { keyId: key?.id ?? null, realm: key?.realm.slug ?? null, ownerId: key?.owner.id ?? null };
  return JSON.stringify({
    type,
    timestamp: at,
    data: { id, cursor, type, at, recordedAt, ...keyIds, actor, reason, data },
  });
}
