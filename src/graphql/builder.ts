import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type PrismaTypes from '../../prisma/generated/pothos.ts';
import { getDatamodel } from '../../prisma/generated/pothos.ts';
import { kindOf, type IdKind } from '../domain/id.ts';
import type { Context } from './context.ts';
import { DEFAULT_DESCRIPTIONS, relayDescriptions } from './default-descriptions.ts';
import { recordReadAsUse } from './key/record-read-as-use.ts';
import { REQUIRE_CALLER } from './require-caller.ts';

interface SchemaTypes {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Duration: { Input: number; Output: number };
    Cursor: { Input: bigint; Output: bigint };
    JSON: { Input: unknown; Output: unknown };
  };
}

/**
 * The schema builder, to which every folder adds its types and fields. Callers without a session or a key reach only
 * fields with the extension `publicField`.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [REQUIRE_CALLER, RelayPlugin, PrismaPlugin, DEFAULT_DESCRIPTIONS],
  defaultFieldNullability: false,
  relay: {
    // An id names its kind (key_…, account_…), so global ids need no encoding.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: typenameOf(id), id }),
    ...relayDescriptions,
    nodesQueryOptions: false,
    nodeQueryOptions: {
      description: 'The object with this id. Null if there is none, or the caller may not see it.',
      args: { id: { description: 'Id of any object: its kind, an underscore and 26 characters.' } },
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

/** The builder's schema types, with the defaults of its plugins. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Extended> ? Extended : never;

/** The type that `node(id:)` returns for each kind of id. */
const nodeTypenames: ReadonlyMap<IdKind | null, string> = new Map([
  ['key', 'Key'],
  ['secret', 'Secret'],
  ['hold', 'Hold'],
  ['event', 'Event'],
  ['account', 'Account'],
  ['organization', 'Organization'],
  ['subject', 'Subject'],
  ['realm', 'Realm'],
  ['binding', 'Binding'],
  ['brake', 'Brake'],
  ['webhook', 'Webhook'],
  ['issuer', 'TrustedIssuer'],
  ['rule', 'TokenRule'],
  ['operation', 'Operation'],
  ['rollout', 'Rollout'],
]);

const UNKNOWN_TYPE = 'Nothing';

function typenameOf(id: string): string {
  return nodeTypenames.get(kindOf(id)) ?? UNKNOWN_TYPE;
}

builder.queryType({
  description: 'Reads. What the caller may not see is left out or null, as if it did not exist.',
});
builder.mutationType({
  description:
    'Changes. A mutation returns its success type, or a failure: a type that implements UserError. After a failure nothing was changed.',
});
builder.subscriptionType({
  description: 'Streams of what happens, over WebSocket (graphql-transport-ws) or server-sent events.',
});
