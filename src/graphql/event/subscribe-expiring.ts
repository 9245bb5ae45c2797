import type { Key, Prisma } from '../../../prisma/generated/client/client.ts';
import { DAY_MS, MINUTE_MS, YEAR_MS } from '../../domain/duration.ts';
import { plus } from '../../domain/key.ts';
import { badUserInput, unauthenticated } from '../../domain/request-error.ts';
import type { StopBasis } from '../../domain/verdict.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { readHead } from '../../log/follower.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { StopBasisEnum } from '../enums.ts';
import { filteredKeys, inState, KeyFilterRef, type KeyFilter } from '../key/filter.ts';
import { noteReading } from '../key/note-reading.ts';

/** How far ahead one can watch. */
const LONGEST_MS = YEAR_MS + DAY_MS;

/** How often it is looked for keys that have come into sight by the passing of time alone. */
const LOOK_MS = MINUTE_MS;

/** How many keys one read takes. */
const PAGE = 100;

/** What may bring a stop into sight that was not, or move one that was. */
const moving = new Set([
  'KEY_ISSUED',
  'KEY_RENEWED',
  'KEY_UPDATED',
  'KEY_TRANSFERRED',
  'KEY_RESUMED',
  'KEY_STOP_CHANGED',
]);

interface ExpiringKey {
  readonly key: Key;
  readonly stopsAt: Date;
  readonly stopsBasis: StopBasis;
}

const ExpiringKeyRef = builder.objectRef<ExpiringKey>('ExpiringKey').implement({
  description: 'A key that stops within the time that was asked for.',
  fields: (t) => ({
    key: t.prismaField({
      type: 'Key',
      resolve: (query, { key }, _args, { db }) => db.key.findUniqueOrThrow({ ...query, where: { id: key.id } }),
    }),
    stopsAt: t.expose('stopsAt', { type: 'DateTime' }),
    stopsBasis: t.expose('stopsBasis', { type: StopBasisEnum }),
    remaining: t.field({
      type: 'Duration',
      resolve: ({ stopsAt }, _args, { services }) => Math.max(0, stopsAt.getTime() - services.clock.now().getTime()),
    }),
  }),
});

builder.subscriptionField('expiring', (t) =>
  t.field({
    type: ExpiringKeyRef,
    description:
      'The keys that stop within the time given: those that already will, soonest first, then each as it comes to.',
    args: { within: t.arg({ type: 'Duration', required: true }), filter: t.arg({ type: KeyFilterRef }) },
    subscribe: (_root, { within, filter }, context) => expiring(context, within, filter ?? {}),
    resolve: (expiring) => expiring,
  }),
);

async function* expiring(context: Context, withinMs: number, filter: KeyFilter): AsyncGenerator<ExpiringKey, void> {
  if (withinMs > LONGEST_MS) throw badUserInput('within: found more than 366 days.', ['within']);
  noteReading(context);
  const { follower, clock } = context.services;
  const watch = context.watchCredential();
  let position = await readHead(context.services);
  let horizon = clock.now();
  while (!watch.signal.aborted && !follower.isStopped) {
    const touched = new Set<string>();
    for (let page = await follower.read(position); page.length > 0; page = await follower.read(position)) {
      for (const event of page) {
        if (!(await watch.admits(event))) break;
        position = event.position;
        if (event.keyId !== null && moving.has(event.type)) touched.add(event.keyId);
      }
      if (watch.signal.aborted) break;
    }
    if (watch.signal.aborted) break;
    const seenTo = horizon;
    horizon = plus(clock.now(), withinMs);
    const isNew = { stopsAt: { gt: seenTo } };
    yield* stops(context, watch.caller, filter, horizon, { OR: [isNew, { id: { in: [...touched] } }] });
    await nextLook(context, position, watch.signal);
  }
  if (watch.end !== null)
    throw unauthenticated('The credential of this subscription has ended.', { outcome: watch.end });
}

/** The keys in force that stop from now to the horizon, soonest first. */
async function* stops(
  { db, services }: Context,
  caller: Context['caller'],
  filter: KeyFilter,
  horizon: Date,
  where: Prisma.KeyWhereInput,
): AsyncGenerator<ExpiringKey, void> {
  let last: Key | undefined;
  do {
    const now = services.clock.now();
    const beyond = last && { OR: [{ stopsAt: { gt: last.stopsAt } }, { stopsAt: last.stopsAt, id: { gt: last.id } }] };
    const page: Key[] = await db.key.findMany({
      where: {
        AND: [
          visibleKeys(caller),
          filteredKeys(filter, now),
          inState('ACTIVE', now),
          { stopsAt: { gt: now, lte: horizon } },
          where,
          beyond ?? {},
        ] as Prisma.KeyWhereInput[],
      },
      orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
      take: PAGE,
    });
    for (const key of page) {
      if (key.stopsAt !== null && key.stopsBasis !== null) {
        yield { key, stopsAt: key.stopsAt, stopsBasis: key.stopsBasis };
      }
    }
    last = page.length === PAGE ? page.at(-1) : undefined;
  } while (last !== undefined);
}

/** Waits until the log has grown, some time has passed, or it is over. */
async function nextLook({ services }: Context, position: bigint, signal: AbortSignal): Promise<void> {
  const looked = new AbortController();
  const stop = () => looked.abort();
  const cancel = services.clock.after(LOOK_MS, stop);
  signal.addEventListener('abort', stop);
  await services.follower.grownBeyond(position, looked.signal);
  signal.removeEventListener('abort', stop);
  cancel();
}
