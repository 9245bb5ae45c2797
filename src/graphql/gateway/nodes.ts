import { may } from '../../domain/permission.ts';
import { liveNodes } from '../../policies/heartbeat.ts';
import { builder } from '../builder.ts';

/** A version of a policy module that a node can run. */
interface NodeModule {
  readonly hash: string;
  readonly name: string | null;
  readonly isCurrent: boolean;
}

/** A running node, as its last heartbeat describes it. */
interface RunningNode {
  readonly id: string;
  readonly isAnswering: boolean;
  readonly seenAt: Date;
  readonly startedAt: Date | null;
  readonly release: string | null;
  readonly formats: readonly string[];
  readonly modules: readonly NodeModule[];
}

const NodeModuleRef = builder.objectRef<NodeModule>('NodeModule').implement({
  description: 'A version of a policy module that a node can run.',
  fields: (t) => ({
    hash: t.exposeString('hash', { description: 'The hash of the version, which bindings name.' }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'The name of the module. Null: the node that answers does not have this version.',
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      description: 'Whether the node gives this version of the module to new bindings.',
    }),
  }),
});

const GatewayNodeRef = builder.objectRef<RunningNode>('GatewayNode').implement({
  description: 'A running node of the gateway: a process that serves requests on the database.',
  fields: (t) => ({
    nodeId: t.id({
      description: 'Id of the node: node_ and 26 characters. Each start makes a new one.',
      resolve: ({ id }) => id,
    }),
    isAnswering: t.exposeBoolean('isAnswering', { description: 'Whether this node answers the request.' }),
    seenAt: t.expose('seenAt', {
      type: 'DateTime',
      description:
        'When it wrote its last heartbeat. It writes one each 10 seconds, and counts as ended 30 seconds after the last.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it started. Null: it is of a release that does not record it.',
    }),
    release: t.exposeString('release', {
      nullable: true,
      description: 'The release that it runs, such as 1.4.0. Null: it is of a release that does not record it.',
    }),
    formats: t.exposeStringList('formats', {
      description: 'The formats of stored values that it reads and that not every release reads.',
    }),
    modules: t.field({
      type: [NodeModuleRef],
      description: 'The versions of policy modules that it can run, by name.',
      resolve: ({ modules }) => [...modules],
    }),
  }),
});

builder.queryField('gatewayNodes', (t) =>
  t.field({
    type: [GatewayNodeRef],
    description:
      'The running nodes of the gateway, the one that answers first, then by start. Empty unless the caller is an administrator.',
    resolve: async (_root, _args, { db, services, caller }) => {
      if (!may(caller, 'realm.manage', {})) return [];
      const { policies, nodeId, clock } = services;
      const nodes = (await liveNodes(db, clock.now())).map(({ hashes, current, ...node }): RunningNode => {
        const modules = hashes.map((hash) => ({
          hash,
          name: policies.find(hash)?.name ?? null,
          isCurrent: current.includes(hash),
        }));
        return { ...node, isAnswering: node.id === nodeId, modules: modules.toSorted(byName) };
      });
      return nodes.toSorted((a, b) => Number(b.isAnswering) - Number(a.isAnswering) || compareTexts(a.id, b.id));
    },
  }),
);

/** Sorts by name, modules without one last. */
function byName(a: NodeModule, b: NodeModule): number {
  if ((a.name === null) !== (b.name === null)) return a.name === null ? 1 : -1;
  return compareTexts(a.name ?? '', b.name ?? '') || compareTexts(a.hash, b.hash);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
