import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { EventRef } from '../event/event.ts';
import { createKeyset } from '../keyset.ts';
import { WebhookRef } from './webhook.ts';

const eventDescription = 'Null: the log keeps it no more, or the caller may not see it.';

const WebhookAttemptRef = builder.prismaObject('WebhookAttempt', {
  description: 'A request that was sent, or could not be. Kept for 30 days.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      nullable: true,
      description: eventDescription,
      select: { position: true },
      resolve: ({ position }, _args, context) => findVisibleEvent(context, position),
    }),
    at: t.expose('at', { type: 'DateTime' }),
    status: t.exposeInt('status', { nullable: true, description: 'The answer’s; null: there was none.' }),
    duration: t.field({
      type: 'Duration',
      select: { durationMs: true },
      resolve: ({ durationMs }) => durationMs,
    }),
    error: t.exposeString('error', { nullable: true, description: 'Null: it was delivered.' }),
  }),
});

const WebhookDeliveryRef = builder.prismaObject('WebhookDelivery', {
  description: 'An event that has not been delivered although later ones have.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      nullable: true,
      description: eventDescription,
      select: { position: true },
      resolve: ({ position }, _args, context) => findVisibleEvent(context, position),
    }),
    since: t.expose('createdAt', { type: 'DateTime' }),
    attemptCount: t.exposeInt('attemptCount'),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null: when those of its key before it are through; of a parked one, when it is replayed.',
    }),
  }),
});

const AttemptConnectionRef = builder.connectionObject(
  { type: WebhookAttemptRef, name: 'WebhookAttemptConnection' },
  { name: 'WebhookAttemptEdge' },
);

const DeliveryConnectionRef = builder.connectionObject(
  { type: WebhookDeliveryRef, name: 'WebhookDeliveryConnection' },
  { name: 'WebhookDeliveryEdge' },
);

builder.prismaObjectField(WebhookRef, 'attempts', (t) =>
  t.field({
    type: AttemptConnectionRef,
    description: 'Newest first.',
    args: t.arg.connectionArgs(),
    select: { id: true },
    resolve: async ({ id }, args, { db }) => {
      const { where, connection, ...rest } = createKeyset(args, { column: 'at', direction: 'DESC' });
      return connection(await db.webhookAttempt.findMany({ ...rest, where: { AND: [{ webhookId: id }, ...where] } }));
    },
  }),
);

const deliveryLists = {
  waiting: ['WAITING', 'What failed and is tried again, and what waits behind it, newest first.'],
  parked: ['PARKED', 'What failed for three days while others were delivered: it is sent when it is replayed.'],
} as const;

for (const [field, [state, description]] of Object.entries(deliveryLists)) {
  builder.prismaObjectField(WebhookRef, field, (t) =>
    t.field({
      type: DeliveryConnectionRef,
      description,
      args: t.arg.connectionArgs(),
      select: { id: true },
      resolve: async ({ id }, args, { db }) => {
        const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
        const AND = [{ webhookId: id, state }, ...where];
        return connection(await db.webhookDelivery.findMany({ ...rest, where: { AND } }));
      },
    }),
  );
}

async function findVisibleEvent({ db, caller }: Context, position: bigint) {
  const event = await db.event.findUnique({ where: { position } });
  return event !== null && maySeeEvent(caller, event) ? event : null;
}
