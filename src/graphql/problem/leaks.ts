import { queryFromInfo } from '@pothos/plugin-prisma';
import type { LeakOutcome } from '../../../prisma/generated/client/client.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { KeyRef } from '../key/key.ts';
import { createKeyset } from '../keyset.ts';

const LeakOutcomeEnum = builder.enumType('LeakOutcome', {
  description: 'What Keytide did about a leaked secret.',
  values: describeValues({
    HELD: 'The key was held.',
    REVOKED: 'The key was revoked.',
    RETIRED: 'A person had already replaced the secret, so only this secret was ended.',
  } satisfies Record<LeakOutcome, string>),
});

const LeakRef = builder.prismaObject('Leak', {
  description: 'The first report that a secret of a key has leaked. Later reports of the same secret change nothing.',
  fields: (t) => ({
    key: t.field({
      type: KeyRef,
      description: 'The key whose secret leaked.',
      select: (_args, _context, nestedSelection) => ({ secret: { select: { key: nestedSelection(true) } } }),
      resolve: ({ secret }) => secret.key,
    }),
    secret: t.relation('secret', { description: 'The secret that leaked.' }),
    reportedBy: t.exposeString('reportedBy', {
      description: 'Who reported it: github, or the name of a source in the settings.',
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'Where it was found, without any part of the secret. Null: not reported, or not safe to store.',
    }),
    foundIn: t.exposeString('foundIn', {
      nullable: true,
      description: 'The kind of place where it was found, as the reporter names it. Null: not reported.',
    }),
    reportedAt: t.expose('reportedAt', { type: 'DateTime', description: 'When it was reported.' }),
    outcome: t.expose('outcome', { type: LeakOutcomeEnum, description: 'What Keytide did about it.' }),
  }),
});

const LeakConnectionRef = builder.connectionObject({ type: LeakRef, name: 'LeakConnection' }, { name: 'LeakEdge' });

builder.queryField('leaks', (t) =>
  t.field({
    type: LeakConnectionRef,
    description: 'The leaked secrets of all realms, newest report first. Empty unless the caller is an administrator.',
    args: {
      ...t.arg.connectionArgs(),
      realm: t.arg.string({ description: 'Slug of a realm: only leaks of its keys. Default: of all realms.' }),
    },
    resolve: async (_root, { realm, ...page }, context, info) => {
      const order = { column: 'reportedAt', direction: 'DESC', idColumn: 'secretId' } as const;
      const { where, connection, ...rest } = createKeyset(page, order);
      const visible = may(context.caller, 'realm.manage', {}) ? {} : { secretId: { in: [] } };
      const rows = await context.db.leak.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visible, realm == null ? {} : { secret: { key: { realm: { slug: realm } } } }, ...where] },
      });
      return connection(rows);
    },
  }),
);
