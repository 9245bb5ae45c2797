import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { checkWebhook, startPosition, refuseUrl, type WebhookFilter } from './check-webhook.ts';
import { lockWebhookOwner, type WebhookOwner } from './lock-webhook-owner.ts';
import { createWebhookSecret } from './webhook-secrets.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';
import { checkWebhookUrl, type WebhookUrlCore, type WebhookCore } from './webhook-core.ts';

/** The most webhooks that an owner or a realm may have at a time. */
export const MOST_WEBHOOKS = 50;

export interface CreateWebhookInput {
  /** An account or an organization; with the realm left out too: the caller. */
  readonly owner: string | null;
  /** A realm's slug: for its administrators. */
  readonly realm: string | null;
  readonly url: string;
  readonly description: string;
  readonly filter: WebhookFilter;
  /** A cursor, to begin after; null: from now. */
  readonly after: string | null;
}

export type WebhookWithSecret = { readonly webhookId: string; readonly delivery: Delivery };

const create = useCase<CreateWebhookInput, WebhookOwner, WebhookWithSecret, WebhookUrlCore>({
  name: 'createWebhook',

  async authorize(change, caller, input) {
    checkWebhook(input.description, input.filter);
    return lockWebhookOwner(change, caller, input);
  },

  async run(change, caller, input, belonging) {
    const { tx, core } = change;
    const refused = refuseUrl(core.urlProblem);
    if (refused !== null) return refused;
    if ((await tx.webhook.count({ where: { ...belonging, endedAt: null } })) >= MOST_WEBHOOKS) {
      return fail('TooManyWebhooks', `There are ${MOST_WEBHOOKS} webhooks already.`);
    }
    const position = await startPosition(change, input.after);
    const now = change.now();
    const id = newId('webhook', now, core.random);
    const { types, keyIds, labels } = input.filter;
    await tx.webhook.create({
      data: {
        ...belonging,
        id,
        url: input.url,
        description: input.description,
        types: [...types],
        keyIds: [...keyIds],
        labels: labels.map(({ name, value }) => ({ name, value })),
        createdAt: now,
        changedAt: now,
        position,
        ...revokeLease(now),
      },
    });
    const text = await createWebhookSecret(change, id, 1, now);
    const data = { webhookId: id };
    change.record({ type: 'WEBHOOK_CREATED', at: now, ...webhookSubject(belonging), actor: actorOf(caller), data });
    return { webhookId: id, delivery: { of: id, text } };
  },
});

/** Makes a webhook for an owner or a realm, and shows the secret that its requests are signed with, once. */
export async function createWebhook(core: WebhookCore, caller: Caller, input: CreateWebhookInput & IdempotentInput) {
  return create(await checkWebhookUrl(core, input.url), caller, input);
}
