/** What is selected of an event, beside its cursor. */
export const EVENT_SELECTION =
  'id type at recordedAt reason data actor { id kind name } key { id name realm { slug } owner { id } }';

/** An event as it is selected. */
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

/** An event as it is told to programs: on a line of `--json` and on the standard input of `--exec`. */
export function toEventJson(cursor: string, event: SelectedEvent): object {
  const { id, type, at, recordedAt, key, actor, reason, data } = event;
  const told = key === null ? null : { id: key.id, name: key.name, realm: key.realm.slug, ownerId: key.owner.id };
  return { cursor, id, type, at, recordedAt, key: told, actor, reason, data };
}

/** The same as the body of a webhook, in the form that the gateway's own have (Standard Webhooks 1.0.0, "Payload structure"). */
export function toWebhookBody(cursor: string, event: SelectedEvent): string {
  const { id, type, at, recordedAt, key, actor, reason, data } = event;
  const of = { keyId: key?.id ?? null, realm: key?.realm.slug ?? null, ownerId: key?.owner.id ?? null };
  return JSON.stringify({
    type,
    timestamp: at,
    data: { id, cursor, type, at, recordedAt, ...of, actor, reason, data },
  });
}
