import type { Delivery } from '../../log/idempotency.ts';
import type { WebhookChanged } from '../../webhooks/update.ts';
import type { SuccessFields } from '../mutation.ts';
import { WebhookRef } from './webhook.ts';

/** Builds the fields of a mutation that changes a webhook: the webhook after the change. */
export function webhookFields<Facts extends WebhookChanged>(t: SuccessFields<Facts>) {
  return {
    webhook: t.prismaField({
      type: WebhookRef,
      description: 'The webhook after the change.',
      resolve: (query, { webhookId }, _args, { services }) =>
        services.prisma.webhook.findUniqueOrThrow({ ...query, where: { id: webhookId } }),
    }),
  };
}

/** Builds the fields of a mutation that creates a webhook's secret: the webhook, and the secret, which is shown only here. */
export function webhookSecretFields<Facts extends WebhookChanged & { readonly delivery: Delivery }>(
  t: SuccessFields<Facts>,
) {
  return {
    ...webhookFields(t),
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
  };
}
