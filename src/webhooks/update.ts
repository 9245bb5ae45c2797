import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf, type EventType } from '../domain/event.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import type { Change } from '../log/change.ts';
import { readHead } from '../log/head.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { checkWebhook, refuseUrl, type WebhookFilter } from './check-webhook.ts';
import { readMatchingEvents } from './matching-events.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';
import { checkWebhookUrl, type WebhookUrlCore, type WebhookCore } from './webhook-core.ts';

export interface UpdateWebhookInput {
  readonly webhookId: string;
  /** Null fields do not change. */
  readonly url: string | null;
  readonly description: string | null;
  readonly filter: WebhookFilter | null;
}

export type WebhookChanged = { readonly webhookId: string };

const update = useCase<UpdateWebhookInput, Webhook, WebhookChanged, WebhookUrlCore>()({
  name: 'updateWebhook',

  async authorize(change, caller, input) {
    checkWebhook(input.description, input.filter);
    return lockWebhookForCaller(change, caller, input.webhookId);
  },

  async run(change, caller, { url, description, filter }, webhook) {
    const refused = refuseEnded(webhook) ?? refuseUrl(change.core.urlProblem);
    if (refused !== null) return refused;
    const { id } = webhook;
    const fields = { url, description, filter };
    const changed = Object.entries(fields).flatMap(([field, value]) => (value === null ? [] : [field]));
    if (changed.length === 0) return { webhookId: id };
    const position = filter === null ? null : await endOfLogIfCaughtUp(change, webhook);
    const now = change.now();
    await change.tx.webhook.update({
      where: { id },
      data: {
        ...(url !== null && { url }),
        ...(description !== null && { description }),
        ...(filter !== null && {
          types: [...filter.types],
          keyIds: [...filter.keyIds],
          labels: filter.labels.map(({ name, value }) => ({ name, value })),
        }),
        ...(position !== null && { position }),
        changedAt: now,
        ...revokeLease(now),
      },
    });
    const before = { description: webhook.description, filter: toEventFilter(filterOf(webhook)) };
    const after = { description: description ?? '', filter: toEventFilter(filter ?? filterOf(webhook)) };
    // Not the URL: it may contain a secret.
    const data = { webhookId: id, changed, ...pickChanged(changed, before, after) };
    change.record({ type: 'WEBHOOK_UPDATED', at: now, ...webhookSubject(webhook), actor: actorOf(caller), data });
    return { webhookId: id };
  },
});

function filterOf({ types, keyIds, labels }: Webhook): WebhookFilter {
  return { types: types as EventType[], keyIds, labels: labels as unknown as WebhookFilter['labels'] };
}

function toEventFilter({ types, keyIds, labels }: WebhookFilter): WebhookFilter {
  return { types, keyIds, labels: labels.map(({ name, value }) => ({ name, value })) };
}

/**
 * Returns the log's end if no event up to there waits to be sent, else null. The cursor moves there before the filter
 * changes, so that past events which the old filter did not match are not sent.
 */
async function endOfLogIfCaughtUp({ tx }: Change, webhook: Webhook): Promise<bigint | null> {
  const head = await readHead({ prisma: tx });
  const unsent = await readMatchingEvents({ prisma: tx }, webhook, { after: webhook.position, head, limit: 1 });
  return unsent.length === 0 ? head : null;
}

/** Changes the URL, description or filter of a webhook. The URL applies from the next attempt on, also to retries. */
export async function updateWebhook(core: WebhookCore, caller: Caller, input: UpdateWebhookInput & IdempotentInput) {
  return update(await checkWebhookUrl(core, input.url), caller, input);
}
