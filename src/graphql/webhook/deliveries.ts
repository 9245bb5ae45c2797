import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { EventRef } from '../event/event.ts';
import { createKeyset } from '../keyset.ts';
import { loadTogether } from '../load-together.ts';
import { WebhookRef } from './webhook.ts';

const eventDescription = 'The event. Null: the log no longer has the event, or the caller may not see it.';

const WebhookAttemptRef = builder.prismaObject('WebhookAttempt', {
  description:
    'One attempt to deliver an event, or the reason why events were skipped. Attempts are retained for 30 days.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      nullable: true,
      description: eventDescription,
      select: { position: true },
      resolve: ({ position }, _args, context) => findVisibleEvent(context, position),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the attempt was made.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description:
        'The HTTP status of the response. Null: the receiver did not respond, or the gateway did not send the request.',
    }),
    duration: t.field({
      type: 'Duration',
      description: 'How long the attempt took.',
      select: { durationMs: true },
      resolve: ({ durationMs }) => durationMs,
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why the delivery failed, for people. Null: it succeeded.',
    }),
  }),
});

const WebhookDeliveryRef = builder.prismaObject('WebhookDelivery', {
  description: 'An event that has not been delivered, while later ones have.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      nullable: true,
      description: eventDescription,
      select: { position: true },
      resolve: ({ position }, _args, context) => findVisibleEvent(context, position),
    }),
    since: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the event first failed, or began to wait behind a failed event of its key.',
    }),
    attemptCount: t.exposeInt('attemptCount', { description: 'How many delivery attempts have failed.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the next attempt is made. Null: it is made as soon as the earlier events of the same key are delivered, or, for a parked event, when it is replayed.',
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
    description: 'The delivery attempts of the last 30 days, newest first.',
    args: t.arg.connectionArgs(),
    select: { id: true },
    resolve: async ({ id }, args, { db }) => {
      const { where, connection, ...rest } = createKeyset(args, { column: 'at', direction: 'DESC' });
      return connection(await db.webhookAttempt.findMany({ ...rest, where: { AND: [{ webhookId: id }, ...where] } }));
    },
  }),
);

const deliveryLists = {
  waiting: ['WAITING', 'The events that failed and are retried, and those that wait behind them, newest first.'],
  parked: [
    'PARKED',
    'The dead letters: events that failed for about three days while others were delivered. They are sent when you replay them. Newest first.',
  ],
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

const countDescriptions = {
  waitingCount: ['WAITING', 'How many events are in `waiting`.'],
  parkedCount: ['PARKED', 'How many events are in `parked`: the dead letters.'],
} as const;

for (const [field, [state, description]] of Object.entries(countDescriptions)) {
  builder.prismaObjectField(WebhookRef, field, (t) =>
    t.int({
      description,
      select: { id: true },
      resolve: async ({ id }, _args, context) =>
        (await loadTogether(context, `deliveries ${state}`, id, (ids) => countDeliveries(context, ids, state))) ?? 0,
    }),
  );
}

/** Counts the deliveries in a state of some webhooks, by webhook. */
async function countDeliveries({ db }: Context, ids: readonly string[], state: 'WAITING' | 'PARKED') {
  const counts = await db.webhookDelivery.groupBy({
    by: ['webhookId'],
    where: { webhookId: { in: [...ids] }, state },
    _count: { _all: true },
  });
  return new Map(counts.map(({ webhookId, _count }) => [webhookId, _count._all]));
}

async function findVisibleEvent({ db, caller }: Context, position: bigint) {
  const event = await db.event.findUnique({ where: { position } });
  return event !== null && maySeeEvent(caller, event) ? event : null;
}
