import { newId } from '../../src/domain/id.ts';
import { disabledAccountInput, unknownAccountId, reason, type Scene, type Stage } from './canary-stage.ts';

const noWebhook = 'webhook_00000000000000000000000000';
const url = 'https://hooks.example:1/';
const badUrl = 'https://10.0.0.1:1/';

const webhook = async ({ world }: Stage) => ({ webhookId: await world.webhook() });
const ended = async ({ world }: Stage) => {
  const webhookId = await world.webhook();
  await world.mutate('deleteWebhook', { webhookId, reason }, 'webhook { id }');
  return { webhookId };
};

/** An organization that has as many webhooks as it may. */
const crowd = async ({ world, gateway: { prisma, clock, services } }: Stage) => {
  const organizationId = await world.organization();
  const now = clock.now();
  const row = { organizationId, url, description: '', labels: [], createdAt: now, changedAt: now, position: 0n };
  const rows = Array.from({ length: 50 }, () => ({ ...row, id: newId('webhook', now, services.random) }));
  await prisma.webhook.createMany({ data: rows });
  return organizationId;
};

const named = (
  ['resumeWebhook', 'testWebhook', 'replayWebhook', 'deleteWebhook', 'rotateWebhookSecret'] as const
).flatMap((mutation): Scene[] => [
  [
    mutation,
    `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success`,
    async (stage) => ({ input: await webhook(stage) }),
  ],
  [mutation, 'WebhookNotFound', () => ({ input: { webhookId: noWebhook } })],
  [mutation, 'WebhookNotActive', async (stage) => ({ input: await ended(stage) })],
]);

/** The same for the mutations of webhooks. */
export const webhookScenes: readonly Scene[] = [
  [
    'createWebhook',
    'CreateWebhookSuccess',
    async ({ world }) => ({ input: { url, owner: await world.organization() } }),
  ],
  ['createWebhook', 'OwnerNotFound', () => ({ input: { url, owner: unknownAccountId } })],
  ['createWebhook', 'OwnerNotActive', async (stage) => ({ input: { url, owner: await disabledAccountInput(stage) } })],
  ['createWebhook', 'RealmNotFound', () => ({ input: { url, realm: 'nowhere' } })],
  ['createWebhook', 'WebhookUrlNotAllowed', () => ({ input: { url: badUrl } })],
  ['createWebhook', 'TooManyWebhooks', async (stage) => ({ input: { url, owner: await crowd(stage) } })],
  ['updateWebhook', 'UpdateWebhookSuccess', async (stage) => ({ input: { ...(await webhook(stage)), url } })],
  ['updateWebhook', 'WebhookNotFound', () => ({ input: { webhookId: noWebhook } })],
  ['updateWebhook', 'WebhookNotActive', async (stage) => ({ input: await ended(stage) })],
  ['updateWebhook', 'WebhookUrlNotAllowed', async (stage) => ({ input: { ...(await webhook(stage)), url: badUrl } })],
  ['pauseWebhook', 'PauseWebhookSuccess', async (stage) => ({ input: { ...(await webhook(stage)), reason } })],
  ['pauseWebhook', 'WebhookNotFound', () => ({ input: { webhookId: noWebhook, reason } })],
  ['pauseWebhook', 'WebhookNotActive', async (stage) => ({ input: { ...(await ended(stage)), reason } })],
  ...named,
  [
    'rotateWebhookSecret',
    'GracePeriodOutOfBounds',
    async (stage) => ({ input: { ...(await webhook(stage)), gracePeriod: 'P29D' } }),
  ],
];
