import type { Parts } from '../../src/compose/parts.ts';

/** Allows webhooks to one URL, with a port of this machine on which nothing listens: https://hooks.example:1/ */
export const unreachableWebhooks: Parts['webhooks'] = {
  allowedHosts: ['hooks.example'],
  plainHosts: [],
  ports: [1],
  resolve: async (name) => (name === 'hooks.example' ? ['127.0.0.1'] : []),
};
