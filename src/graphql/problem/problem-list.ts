import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Binding, Brake, Key, Webhook } from '../../../prisma/generated/client/client.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { describeValues } from '../describe-values.ts';
import { KeyRef } from '../key/key.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { BindingRef } from '../policy/binding.ts';
import { BrakeRef } from '../policy/brake.ts';
import { WebhookRef } from '../webhook/webhook.ts';
import { readProblems, type ProblemKind, type ProblemRow } from './read-problems.ts';

/** A problem with what it is about: one of the four. */
interface Problem extends ProblemRow {
  readonly key: Key | null;
  readonly webhook: Webhook | null;
  readonly binding: Binding | null;
  readonly brake: Brake | null;
}

const problemDescriptions: Readonly<Record<ProblemKind, string>> = {
  NOTICE_NOT_DELIVERED:
    'A notice of a stop that is still ahead could be mailed to no recipient, and no webhook took it.',
  STOPS_BEFORE_NEXT_USE: 'A key stops before it is likely to be used next, by its cadence, and no program renews it.',
  WEBHOOK_PAUSED: 'A webhook sends nothing until it is resumed: a person paused it, or nothing could be delivered.',
  POLICY_BROKEN: 'The module of a binding fails. Its last verdicts stay in force.',
  BRAKE_ENGAGED: 'A change of policy would shorten too many keys, and waits for an administrator.',
  ROTATION_STALLED: 'The grace period of a rotation was extended, because not all consumers had moved.',
};

const ProblemKindEnum = builder.enumType('ProblemKind', {
  description: 'What goes wrong until a person acts.',
  values: describeValues(problemDescriptions),
});

const kinds = Object.keys(problemDescriptions) as readonly ProblemKind[];

const ProblemRef = builder.objectRef<Problem>('Problem').implement({
  description: 'Something that goes wrong until a person acts. It is about one of key, webhook, binding and brake.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ProblemKindEnum, description: 'What goes wrong.' }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when, as far as it is known.' }),
    key: t.field({
      type: KeyRef,
      nullable: true,
      description:
        'The key whose notice was not delivered, that stops before its next use, or whose rotation is stalled.',
      resolve: ({ key }) => key,
    }),
    webhook: t.field({
      type: WebhookRef,
      nullable: true,
      description: 'The webhook that is paused.',
      resolve: ({ webhook }) => webhook,
    }),
    binding: t.field({
      type: BindingRef,
      nullable: true,
      description: 'The binding whose policy is broken.',
      resolve: ({ binding }) => binding,
    }),
    brake: t.field({
      type: BrakeRef,
      nullable: true,
      description: 'The brake that is engaged.',
      resolve: ({ brake }) => brake,
    }),
  }),
});

builder.queryField('problems', (t) =>
  t.field({
    type: [ProblemRef],
    description:
      'What goes wrong until a person acts, as far as the caller may see it: the newest of each kind, newest first. For a list of work; counts are in keyCounts and the lists of each kind.',
    args: {
      limit: t.arg.int({ description: 'How many problems to return at most: 1 to 100. Default: 20.' }),
      kinds: t.arg({ type: [ProblemKindEnum], description: 'Only problems of these kinds. Default: all.' }),
    },
    resolve: async (_root, { limit, kinds: wanted }, context, info) => {
      recordReadAsUse(context);
      const take = limit ?? PAGE_DEFAULT;
      if (take < 1 || take > PAGE_MAX)
        throw badUserInput(`limit: found ${take}; expected 1 to ${PAGE_MAX}.`, ['limit']);
      const now = context.services.clock.now();
      const rows = await readProblems(context.db, context.caller, { now, take, kinds: new Set(wanted ?? kinds) });
      return loadSubjects(rows, context, info);
    },
  }),
);

/** Loads what the problems are about, with what the operation selects of it: one statement for each type. */
async function loadSubjects(rows: readonly ProblemRow[], context: Context, info: GraphQLResolveInfo) {
  const { db } = context;
  const find = async <Row extends { readonly id: string }>(
    path: string,
    ofKinds: readonly ProblemKind[],
    read: (query: { where: { id: { in: string[] } } }) => Promise<Row[]>,
  ): Promise<ReadonlyMap<string, Row>> => {
    const ids = rows.flatMap(({ kind, id }) => (ofKinds.includes(kind) ? [id] : []));
    if (ids.length === 0) return new Map();
    const query = queryFromInfo({ context, info, path: [path] }) as object;
    return new Map((await read({ ...query, where: { id: { in: ids } } })).map((row) => [row.id, row]));
  };
  const keys = await find('key', ['NOTICE_NOT_DELIVERED', 'STOPS_BEFORE_NEXT_USE', 'ROTATION_STALLED'], (query) =>
    db.key.findMany(query),
  );
  const webhooks = await find('webhook', ['WEBHOOK_PAUSED'], (query) => db.webhook.findMany(query));
  const bindings = await find('binding', ['POLICY_BROKEN'], (query) => db.binding.findMany(query));
  const brakes = await find('brake', ['BRAKE_ENGAGED'], (query) => db.brake.findMany(query));
  return rows.map((row) => ({
    ...row,
    key: keys.get(row.id) ?? null,
    webhook: webhooks.get(row.id) ?? null,
    binding: bindings.get(row.id) ?? null,
    brake: brakes.get(row.id) ?? null,
  }));
}
