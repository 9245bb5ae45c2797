import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleIssuers } from '../../issuers/stored-issuer.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { RealmRef } from '../realm/realm.ts';
import { TokenRuleRef, TrustedIssuerRef } from './issuer.ts';

const TrustedIssuerConnectionRef = builder.connectionObject(
  { type: TrustedIssuerRef, name: 'TrustedIssuerConnection' },
  { name: 'TrustedIssuerEdge' },
);

const TokenRuleConnectionRef = builder.connectionObject(
  { type: TokenRuleRef, name: 'TokenRuleConnection' },
  { name: 'TokenRuleEdge' },
);

const nodePath = ['edges', 'node'];

builder.prismaObjectField(RealmRef, 'issuers', (t) =>
  t.field({
    type: TrustedIssuerConnectionRef,
    description:
      'The trusted issuers whose tokens are exchanged for keys of the realm, newest first. Empty unless the caller is an administrator.',
    args: t.arg.connectionArgs(),
    select: { id: true },
    resolve: async ({ id }, args, context, info) => {
      const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
      const trusted = { realmId: id, distrustedAt: null };
      const rows = await context.db.trustedIssuer.findMany({
        ...(queryFromInfo({ context, info, path: nodePath }) as object),
        ...rest,
        where: { AND: [visibleIssuers(context.caller), trusted, ...where] },
      });
      return connection(rows);
    },
  }),
);

builder.prismaObjectField(TrustedIssuerRef, 'rules', (t) =>
  t.field({
    type: TokenRuleConnectionRef,
    description: 'The active rules, oldest first. The first rule that matches a token applies.',
    args: t.arg.connectionArgs(),
    select: { id: true },
    resolve: async ({ id }, args, context, info) => {
      const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'ASC' });
      const rows = await context.db.tokenRule.findMany({
        ...(queryFromInfo({ context, info, path: nodePath }) as object),
        ...rest,
        where: { AND: [{ issuer: visibleIssuers(context.caller), issuerId: id, removedAt: null }, ...where] },
      });
      return connection(rows);
    },
  }),
);
