import type { Preset } from './preset.ts';

/**
 * Tokens of Kubernetes' service accounts (kubernetes.io/docs, "Managing Service Accounts"): projected into a pod for an
 * audience of its own. Before 1.30 they have no `jti`.
 */
export const kubernetesPreset: Preset = {
  title: 'Kubernetes',
  urls: ['https://**'],
  ids: ['/kubernetes.io/serviceaccount/uid'],
  refusedContexts: [],
  consumer: 'sub',
  hasTokenIds: false,
};
