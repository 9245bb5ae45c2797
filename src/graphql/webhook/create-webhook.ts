import { encodeCursor } from '../../log/cursor.ts';
import { createWebhook } from '../../webhooks/create.ts';
import { mutation } from '../mutation.ts';
import { webhookSecretFields } from './webhook-success.ts';
import { WebhookFilterRef, toWebhookFilter } from './webhook.ts';

mutation('createWebhook', {
  description:
    'Creates a webhook, which posts events to a URL and signs them by the Standard Webhooks specification. An owner or a realm has at most 50 webhooks. For accounts that manage the owner.',
  input: {
    description: 'The webhook to create.',
    fields: (t) => ({
      owner: t.id({
        description: 'The account or organization whose events are sent. Default: the calling account. Not with realm.',
      }),
      realm: t.string({
        description: 'The slug of a realm all of whose events are sent. Administrators only. Not with owner.',
      }),
      url: t.string({
        required: true,
        description:
          'Where events are posted to: https, to a public address, unless the gateway’s settings allow others.',
      }),
      description: t.string({ description: 'A note for people: at most 200 characters. Default: empty.' }),
      filter: t.field({ type: WebhookFilterRef, description: 'Which events are sent. Default: all.' }),
      after: t.field({
        type: 'Cursor',
        description: 'The cursor after which sending begins. Default: the present end of the log.',
      }),
    }),
  },
  useCase: createWebhook,
  toInput: ({ owner, realm, url, description, filter, after }) => ({
    owner: owner ?? null,
    realm: realm ?? null,
    url,
    description: description ?? '',
    filter: toWebhookFilter(filter ?? {}),
    after: after == null ? null : encodeCursor(after),
  }),
  failures: ['OwnerNotFound', 'OwnerNotActive', 'RealmNotFound', 'WebhookUrlNotAllowed', 'TooManyWebhooks'],
  success: {
    description: 'The webhook was created. This result shows its secret, once.',
    fields: webhookSecretFields,
  },
});
