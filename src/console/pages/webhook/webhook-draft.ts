import type { EventType, WebhookFilter } from '../../api/operations.ts';
import type { WebhookDetails } from './webhook-query.ts';

/** A webhook as the form has it. */
export interface WebhookDraft {
  readonly url: string;
  readonly description: string;
  /** The id of an owner, REALM and the slug of a realm, or an empty text: the person. */
  readonly source: string;
  readonly types: readonly EventType[];
}

/** What the value of a realm begins with in the list of sources. */
export const REALM_SOURCE = 'realm ';

export const emptyWebhook: WebhookDraft = { url: '', description: '', source: '', types: [] };

export function draftOfWebhook({ url, description, types }: WebhookDetails): WebhookDraft {
  return { url, description, source: '', types };
}

/** Returns whose events are sent, as createWebhook has it. */
export function sourceOf({ source }: WebhookDraft): { readonly owner?: string; readonly realm?: string } {
  if (source === '') return {};
  return source.startsWith(REALM_SOURCE) ? { realm: source.slice(REALM_SOURCE.length) } : { owner: source };
}

/** Returns the filter of a changed webhook. It replaces the whole filter, so that it has the keys and labels too. */
export function filterOf({ types }: WebhookDraft, before?: WebhookDetails): WebhookFilter {
  return { types: [...types], ...(before && { keyIds: [...before.keyIds], labels: labelsOf(before) }) };
}

function labelsOf({ labels }: WebhookDetails) {
  return labels.map(({ name, value }) => ({ name, value }));
}
