import type { ModuleVersion } from '../../policies/runtime/runtime.ts';
import { seesPolicies } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';

const PolicyDecisionEnum = builder.enumType('PolicyDecision', {
  description: 'What a policy can decide.',
  values: describeValues({
    EXPIRY: 'Which expiry may be requested, and how long a key lives at most.',
    RENEWAL: 'Whether, when and how a key may be renewed.',
    DORMANCY: 'When an unused key is warned, held and expired.',
  }),
});

const PolicyRef = builder.objectRef<ModuleVersion>('Policy').implement({
  description: 'One loaded version of a policy module.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The module’s name, by which bindPolicy refers to it.' }),
    version: t.exposeString('version', {
      description: 'The version that the module’s author gave it, for people. Bindings are pinned by hash.',
    }),
    hash: t.exposeString('hash', { description: 'The SHA-256 of the module’s files. Identifies this version.' }),
    title: t.exposeString('title', { description: 'The module’s title, for people.' }),
    summary: t.exposeString('summary', {
      description: 'Which keys the module affects and what happens to them, for people.',
    }),
    decides: t.field({
      type: [PolicyDecisionEnum],
      description: 'What the module decides.',
      resolve: ({ decides }) => [...decides],
    }),
    documentation: t.exposeString('documentation', {
      nullable: true,
      description:
        'What the module’s author wrote about it for operators, as plain text: which keys, what happens, the configuration, the reasons. Null: nothing.',
    }),
    configSchema: t.field({
      type: 'JSON',
      description:
        'The JSON Schema (draft 2020-12) of the module’s configuration. A duration has the format duration, and its bounds as formatMinimum and formatMaximum. Members of the policies that come with Keytide have a title and a description; the alternative null says what it means.',
      resolve: ({ configSchema }) => configSchema,
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      description: 'Whether new bindings get this version. Older versions keep running for the bindings that pin them.',
    }),
  }),
});

builder.queryField('policies', (t) =>
  t.field({
    type: [PolicyRef],
    description:
      'The policy modules of the node that responds, sorted by name; for each name the current version comes first, then earlier versions. If a name has no current version, the module’s file is gone, and no version of it can be evaluated until the file is back. None for keys with the scope keytide:manage.',
    resolve: (_root, _args, { services: { policies }, caller }) =>
      (seesPolicies(caller) ? policies.versions() : []).toSorted(
        (a, b) => compareNames(a.name, b.name) || Number(b.isCurrent) - Number(a.isCurrent),
      ),
  }),
);

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
