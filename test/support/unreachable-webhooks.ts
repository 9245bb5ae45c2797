import type { Parts } from '../../src/compose/parts.ts';

/** Webhooks may be sent to one host, on a port of this machine where nobody listens: https://hooks.example:1/ */
export const unreachableWebhooks: Parts['webhooks'] = {
  allowedHosts: ['hooks.example'],
  plainHosts: [],
  ports: [1],
  resolve: async (name) => (name === 'hooks.example' ? ['127.0.0.1'] : []),
};
