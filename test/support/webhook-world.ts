import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Parts } from '../../src/compose/parts.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { mutationQuery } from './mutation-query.ts';
import type { Receiver } from './receiver.ts';

type Options = NonNullable<Parameters<typeof openGateway>[0]>;

/** A gateway that may send to receivers on this machine, and Olga, who owns the webhooks. */
export interface WebhookWorld {
  readonly gateway: Gateway;
  readonly olga: { readonly id: string; readonly token: string };
  /** Runs a mutation and returns its success. Throws on a failure. */
  mutate(mutation: string, input: object, selection: string, credential?: string): Promise<any>;
  /** Creates a webhook of Olga that sends to a receiver. */
  webhook(receiver: Pick<Receiver, 'url'>, input?: object): Promise<{ id: string; secret: string; publicKey: string }>;
  /** Issues a key of Olga, which records an event. */
  key(): Promise<string>;
  /** Holds or resumes a key, which records an event. */
  hold(keyId: string): Promise<void>;
  resume(keyId: string): Promise<void>;
  row(id: string): Promise<Webhook>;
  /** Waits until everything that is due was sent. */
  settle(): Promise<void>;
  /** Advances the clock in steps, and sends everything when it comes due. */
  advance(ms: number): Promise<void>;
}

/** Returns settings that allow receivers on this machine. */
export function loopbackWebhooks(ports: readonly number[], more: Partial<Parts['webhooks']> = {}): Parts['webhooks'] {
  return { allowedHosts: ['127.0.0.1', 'localhost'], plainHosts: ['127.0.0.1', 'localhost'], ports, ...more };
}

export async function openWebhookWorld(webhooks: Parts['webhooks'], options: Options = {}): Promise<WebhookWorld> {
  const gateway = await openGateway({ webhooks, ...options });
  return webhookWorldOn(gateway, await gateway.person('Olga'));
}

/** Opens a webhook world on a running gateway. */
export function webhookWorldOn(gateway: Gateway, olga: { id: string; token: string }): WebhookWorld {
  const { prisma, clock, node } = gateway;
  const world: WebhookWorld = {
    gateway,
    olga,
    async mutate(mutation, input, selection, credential) {
      const token = credential ?? (await gateway.session(olga.id));
      const { data, errors } = await gateway.ask(mutationQuery(mutation, selection), { input }, token);
      const answer = data?.[mutation];
      if (answer?.__typename.endsWith('Success')) return answer;
      throw new Error(`${mutation}: ${JSON.stringify(errors ?? answer)}`);
    },
    async webhook({ url }, input = {}) {
      const selection = 'webhook { id secrets { publicKey } } secret';
      const { webhook, secret } = await world.mutate('createWebhook', { url, ...input }, selection);
      return { id: webhook.id, secret, publicKey: webhook.secrets[0].publicKey };
    },
    async key() {
      const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
      return (await world.mutate('issueKey', { realm: 'default', name: 'release', scopes }, 'key { id }')).key.id;
    },
    hold: (keyId) => world.mutate('holdKey', { keyId, reason: 'looked at' }, 'key { id }'),
    resume: (keyId) => world.mutate('resumeKey', { keyId }, 'key { id }'),
    row: (id) => prisma.webhook.findUniqueOrThrow({ where: { id } }),
    async settle() {
      await gateway.services.follower.catchUp();
      await node.webhookSender.settled();
    },
    async advance(ms) {
      const end = clock.now().getTime() + ms;
      for (;;) {
        await world.settle();
        const due = await prisma.webhook.aggregate({ _min: { dueAt: true }, where: { state: 'ACTIVE' } });
        const now = clock.now().getTime();
        // The sender polls once a second.
        const next = Math.max((due._min.dueAt?.getTime() ?? end) - now + 1_000, 1_000);
        clock.advance(Math.min(next, end - now, DAY_MS));
        await world.settle();
        if (clock.now().getTime() >= end) return;
      }
    },
  };
  return world;
}
