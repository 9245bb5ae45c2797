import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type PrismaTypes from '../../prisma/generated/pothos.ts';
import { getDatamodel } from '../../prisma/generated/pothos.ts';
import { kindOf, type IdKind } from '../domain/id.ts';
import { unauthenticated } from '../domain/request-error.ts';
import type { Context } from './context.ts';
import { recordReadAsUse } from './key/record-read-as-use.ts';

interface SchemaTypes {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Duration: { Input: number; Output: number };
    Cursor: { Input: bigint; Output: bigint };
    JSON: { Input: unknown; Output: unknown };
  };
}

/**
 * The one builder: every noun's folder adds its types and fields to it. Who is not signed in, by a session or a key,
 * reaches only what says `skipTypeScopes`.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ caller }) => ({ signedIn: caller.kind !== 'ANONYMOUS' }),
    unauthorizedError: () => unauthenticated('Sign in, or send the secret of a key: Authorization: Bearer <…>.'),
  },
  relay: {
    // Ids say what they are of: key_…, account_…. Nothing is encoded around them.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: typenameOf(id), id }),
    nodesQueryOptions: false,
    nodeQueryOptions: {
      description: 'Whatever has this id, if the caller may see it.',
      resolve: async (_root, { id }, context, _info, resolveNode) => {
        const typename = typenameOf(String(id.id));
        const node = typename === UNKNOWN_TYPE ? null : await resolveNode(id);
        if (node !== null && typename === 'Key') recordReadAsUse(context, String(id.id));
        return node;
      },
    },
    cursorType: 'String',
  },
  prisma: {
    client: ({ db }) => db as never,
    dmmf: getDatamodel(),
    exposeDescriptions: false,
    filterConnectionTotalCount: true,
    onUnusedQuery: null,
  },
});

/** The builder's types with the plugins' defaults filled in. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Extended> ? Extended : never;

/** What has an id and can be asked for by it. */
const nodeTypenames: ReadonlyMap<IdKind | null, string> = new Map([
  ['key', 'Key'],
  ['event', 'Event'],
  ['account', 'Account'],
  ['organization', 'Organization'],
  ['realm', 'Realm'],
  ['binding', 'Binding'],
  ['brake', 'Brake'],
  ['webhook', 'Webhook'],
  ['issuer', 'TrustedIssuer'],
  ['rule', 'TokenRule'],
]);

const UNKNOWN_TYPE = 'Nothing';

function typenameOf(id: string): string {
  return nodeTypenames.get(kindOf(id)) ?? UNKNOWN_TYPE;
}

builder.queryType({ authScopes: { signedIn: true } });
builder.mutationType({ authScopes: { signedIn: true } });
builder.subscriptionType({ authScopes: { signedIn: true } });
