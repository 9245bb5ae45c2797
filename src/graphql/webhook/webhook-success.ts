import type { Delivery } from '../../log/idempotency.ts';
import type { WebhookChanged } from '../../webhooks/update.ts';
import { builder } from '../builder.ts';
import { WebhookRef } from './webhook.ts';

/** The success of a mutation that changes a webhook: the webhook, as it is now. */
export function defineWebhookSuccess<Answer extends WebhookChanged>(mutation: string, description: string) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'webhook', (t) =>
    t.prismaField({
      type: WebhookRef,
      resolve: (query, { webhookId }, _args, { services }) =>
        services.prisma.webhook.findUniqueOrThrow({ ...query, where: { id: webhookId } }),
    }),
  );
  return ref;
}

/** The same of one that makes a secret, which is shown here and never again. */
export function defineWebhookSecretSuccess<Answer extends WebhookChanged & { readonly delivery: Delivery }>(
  mutation: string,
  description: string,
) {
  const ref = defineWebhookSuccess<Answer>(mutation, description);
  builder.objectFields(ref, (t) => ({
    secret: t.string({
      nullable: true,
      description: 'Verifies the v1 signatures: whsec_ and base64. Shown to this caller, once.',
      resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
    }),
    secretUnavailable: t.boolean({
      description: 'Whether this repeats an answer that was given more than 24 hours ago, or whose webhook has ended.',
      resolve: ({ delivery }) => delivery.text === null,
    }),
  }));
  return ref;
}
