import type { Delivery } from '../../log/idempotency.ts';
import type { WebhookChanged } from '../../webhooks/update.ts';
import { builder } from '../builder.ts';
import { WebhookRef } from './webhook.ts';

/** Defines the success type of a mutation that changes a webhook. */
export function defineWebhookSuccess<Success extends WebhookChanged>(mutation: string, description: string) {
  const ref = builder.objectRef<Success>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'webhook', (t) =>
    t.prismaField({
      type: WebhookRef,
      description: 'The webhook after the change.',
      resolve: (query, { webhookId }, _args, { services }) =>
        services.prisma.webhook.findUniqueOrThrow({ ...query, where: { id: webhookId } }),
    }),
  );
  return ref;
}

/** Defines the success type of a mutation that creates a webhook's secret, which is shown only in this result. */
export function defineWebhookSecretSuccess<Success extends WebhookChanged & { readonly delivery: Delivery }>(
  mutation: string,
  description: string,
) {
  const ref = defineWebhookSuccess<Success>(mutation, description);
  builder.objectFields(ref, (t) => ({
    secret: t.string({
      nullable: true,
      description:
        'The secret that verifies the v1 signatures (HMAC-SHA256): whsec_ and base64. Store it now; it is never shown again. Null: see secretUnavailable.',
      resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
    }),
    secretUnavailable: t.boolean({
      description:
        'Whether secret is null because this repeats a request that was made more than 24 hours ago, or because the webhook has ended since.',
      resolve: ({ delivery }) => delivery.text === null,
    }),
  }));
  return ref;
}
