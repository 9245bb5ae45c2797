import type { Device, Session } from '../../../prisma/generated/client/client.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { loadTogether } from '../load-together.ts';

/** An open session with the device that it was confirmed for; null: the person signed in with a password. */
interface OpenSession {
  readonly session: Session;
  readonly device: Device | null;
}

/** How many sessions of an account are shown. */
const SESSIONS_MAX = 100;

const SessionDeviceRef = builder.objectRef<Device>('SessionDevice').implement({
  description: 'A program at a terminal that was signed in by confirmDevice.',
  fields: (t) => ({
    program: t.exposeString('clientId', { description: 'The name that the program gave itself. Not verified.' }),
    name: t.exposeString('name', { description: 'The name that the device gave itself. Not verified.' }),
    address: t.exposeString('address', { description: 'The IP address from which it asked to be signed in.' }),
  }),
});

const AccountSessionRef = builder.objectRef<OpenSession>('AccountSession').implement({
  description: 'A session of an account that has not ended.',
  fields: (t) => ({
    sessionId: t.id({
      description: 'Id of the session, for endSessions: session_… It is not a credential.',
      resolve: ({ session }) => session.id,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When the account signed in.',
      resolve: ({ session }) => session.createdAt,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the session ends by itself.',
      resolve: ({ session }) => session.expiresAt,
    }),
    isCurrent: t.boolean({
      description: 'Whether this request was sent with the session.',
      resolve: ({ session }, _args, { caller }) => caller.kind === 'ACCOUNT' && caller.sessionId === session.id,
    }),
    device: t.field({
      type: SessionDeviceRef,
      nullable: true,
      description: 'The device that the session was confirmed for. Null: the person signed in with a password.',
      resolve: ({ device }) => device,
    }),
  }),
});

builder.prismaObjectField('Account', 'sessions', (t) =>
  t.field({
    type: [AccountSessionRef],
    description:
      'The sessions of the account that have not ended, newest first, at most 100. Empty unless the caller is the account itself or an administrator.',
    select: { id: true },
    resolve: async ({ id }, _args, context) => {
      if (!may(context.caller, 'account.read', { accountId: id })) return [];
      return (await loadTogether(context, 'sessions', id, (ids) => readSessions(context, ids))) ?? [];
    },
  }),
);

builder.prismaObjectField('Account', 'sessionCount', (t) =>
  t.int({
    description:
      'How many sessions of the account have not ended: `sessions` has the newest 100 of them. 0 unless the caller is the account itself or an administrator.',
    select: { id: true },
    resolve: async ({ id }, _args, context) => {
      if (!may(context.caller, 'account.read', { accountId: id })) return 0;
      return (await loadTogether(context, 'session counts', id, (ids) => countSessions(context, ids))) ?? 0;
    },
  }),
);

/** Counts the open sessions of some accounts, by account, in one statement. */
async function countSessions({ db, services }: Context, accountIds: readonly string[]) {
  const counts = await db.session.groupBy({
    by: ['accountId'],
    where: { accountId: { in: [...accountIds] }, endedAt: null, expiresAt: { gt: services.clock.now() } },
    _count: true,
  });
  return new Map(counts.map(({ accountId, _count: count }) => [accountId, count]));
}

/** Reads the newest open sessions of some accounts, by account, in two statements: never more than are shown. */
async function readSessions(
  { db, services }: Context,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, OpenSession[]>> {
  const sessions = await db.$queryRaw<Session[]>`
    SELECT open.* FROM unnest(${[...accountIds]}::text[]) AS account(id) CROSS JOIN LATERAL (
      SELECT * FROM "Session"
      WHERE "accountId" = account.id AND "endedAt" IS NULL AND "expiresAt" > ${services.clock.now()}
      ORDER BY "createdAt" DESC, id DESC LIMIT ${SESSIONS_MAX}
    ) AS open
    ORDER BY open."createdAt" DESC, open.id DESC`;
  const devices = await db.device.findMany({
    where: { accountId: { in: [...accountIds] }, sessionId: { in: sessions.map(({ id }) => id) } },
  });
  const ofSession = new Map(devices.map((device) => [device.sessionId, device]));
  const opened = sessions.map((session) => ({ session, device: ofSession.get(session.id) ?? null }));
  return Map.groupBy(opened, ({ session }) => session.accountId);
}
