import type { Account, Key } from '../../../prisma/generated/client/client.ts';
import { unauthenticated } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import { KeyRef } from '../key/key.ts';
import { AccountRef } from './account.ts';

const ViewerRef = builder.unionType('Viewer', {
  description: 'The caller: a signed-in account, or a key that authenticated with its secret.',
  types: [AccountRef, KeyRef],
  resolveType: (viewer: Account | Key) => ('email' in viewer ? 'Account' : 'Key'),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'The caller of this request.',
    resolve: (_root, _args, { caller, db }) => {
      switch (caller.kind) {
        case 'ACCOUNT':
          return db.account.findUniqueOrThrow({ where: { id: caller.id } });
        case 'KEY':
          return db.key.findUniqueOrThrow({ where: { id: caller.id } });
        case 'PORTAL':
        case 'ANONYMOUS':
          throw unauthenticated('The request has no credential.');
      }
    },
  }),
);
