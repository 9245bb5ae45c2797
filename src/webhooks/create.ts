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

/** The most webhooks that an owner or a realm may have at the same time. */
export const MOST_WEBHOOKS = 50;

export interface CreateWebhookInput {
  /** The id of an account or an organization; null: the caller, unless a realm is given. */
  readonly owner: string | null;
  /** The slug of a realm; only administrators may give it. */
  readonly realm: string | null;
  readonly url: string;
  readonly description: string;
  readonly filter: WebhookFilter;
  /** The cursor to start after; null: the end of the log. */
  readonly after: string | null;
}

export type WebhookWithSecret = { readonly webhookId: string; readonly delivery: Delivery };

const create = useCase<CreateWebhookInput, WebhookOwner, WebhookWithSecret, WebhookUrlCore>()({
  name: 'createWebhook',

  async authorize(change, caller, input) {
    checkWebhook(input.description, input.filter);
    return lockWebhookOwner(change, caller, input);
  },

  async run(change, caller, input, owner) {
    const { tx, core } = change;
    const refused = refuseUrl(core.urlProblem);
    if (refused !== null) return refused;
    if ((await tx.webhook.count({ where: { ...owner, endedAt: null } })) >= MOST_WEBHOOKS) {
      return fail('TooManyWebhooks', `There are already ${MOST_WEBHOOKS} webhooks, the most that are allowed.`);
    }
    const position = await startPosition(change, input.after);
    const now = change.now();
    const id = newId('webhook', now, core.random);
    const { types, keyIds, labels } = input.filter;
    await tx.webhook.create({
      data: {
        ...owner,
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
    change.record({ type: 'WEBHOOK_CREATED', at: now, ...webhookSubject(owner), actor: actorOf(caller), data });
    return { webhookId: id, delivery: { of: id, text } };
  },
});

/**
 * Creates a webhook for an owner or a realm. The signing secret is in the result; only a repeat of the request with the
 * same idempotency key returns it again.
 */
export async function createWebhook(core: WebhookCore, caller: Caller, input: CreateWebhookInput & IdempotentInput) {
  return create(await checkWebhookUrl(core, input.url), caller, input);
}
