import type { ModuleVersion } from '../../policies/runtime/runtime.ts';
import { builder } from '../builder.ts';

const PolicyDecisionEnum = builder.enumType('PolicyDecision', {
  description: 'What policies decide.',
  values: ['EXPIRY', 'RENEWAL', 'DORMANCY'] as const,
});

const PolicyRef = builder.objectRef<ModuleVersion>('Policy').implement({
  description: 'A policy module that is loaded: one version of it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What bindings call it.' }),
    version: t.exposeString('version', { description: 'For people; what pins a module is its hash.' }),
    hash: t.exposeString('hash', { description: 'SHA-256 of its files.' }),
    title: t.exposeString('title'),
    summary: t.exposeString('summary', { description: 'Which keys, and what happens.' }),
    decides: t.field({ type: [PolicyDecisionEnum], resolve: ({ decides }) => [...decides] }),
    configSchema: t.field({
      type: 'JSON',
      description: 'What it may be configured with, as JSON Schema.',
      resolve: ({ configSchema }) => configSchema,
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      description: 'Whether new bindings get it. Older versions run on where bindings pin them.',
    }),
  }),
});

builder.queryField('policies', (t) =>
  t.field({
    type: [PolicyRef],
    description:
      'The modules that are loaded, by name, the current version of each first. Versions that were current before are kept and listed too; of a name of which none is current the file is gone, and none can be asked until it is there again.',
    resolve: (_root, _args, { services: { policies } }) =>
      policies.versions().toSorted((a, b) => compareNames(a.name, b.name) || Number(b.isCurrent) - Number(a.isCurrent)),
  }),
);

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
