import { encodeCursor } from '../../log/cursor.ts';
import { createWebhook, type WebhookWithSecret } from '../../webhooks/create.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSecretSuccess } from './webhook-success.ts';
import { toWebhookFilter } from './webhook-filter.ts';
import { WebhookFilterRef } from './webhook.ts';

const CreateWebhookInputRef = builder.inputType('CreateWebhookInput', {
  fields: (t) => ({
    owner: t.id({ description: 'An account or an organization; left out, and realm too: the caller.' }),
    realm: t.string({ description: 'A realm’s slug, for administrators: all of its events.' }),
    url: t.string({ required: true, description: 'https, to a host of the public internet.' }),
    description: t.string(),
    filter: t.field({ type: WebhookFilterRef, description: 'Left out: all events.' }),
    after: t.field({ type: 'Cursor', description: 'Left out: from now on.' }),
    idempotencyKey: t.string(),
  }),
});

const CreateWebhookResult = resultType(
  'CreateWebhook',
  defineWebhookSecretSuccess<WebhookWithSecret>('CreateWebhook', 'The new webhook and its secret.'),
  [
    'OwnerNotFound',
    'OwnerNotActive',
    'RealmNotFound',
    'WebhookUrlNotAllowed',
    'TooManyWebhooks',
    'IdempotencyConflict',
  ],
);

builder.mutationField('createWebhook', (t) =>
  t.field({
    type: CreateWebhookResult,
    description: 'Has events sent to a URL, and shows the secret that they are signed with, once.',
    args: { input: t.arg({ type: CreateWebhookInputRef, required: true }) },
    resolve: (_root, { input: { owner, realm, url, description, filter, after, idempotencyKey } }, context) =>
      createWebhook(context.services, context.caller, {
        ...checkIdempotencyKey(idempotencyKey),
        owner: owner ?? null,
        realm: realm ?? null,
        url,
        description: description ?? '',
        filter: toWebhookFilter(filter ?? {}),
        after: after == null ? null : encodeCursor(after),
      }),
  }),
);
