import type { Preset } from './preset.ts';

/**
 * Service account tokens of Kubernetes (kubernetes.io/docs, "Managing Service Accounts"), projected into a pod for a chosen
 * audience. Before version 1.30 they have no `jti`.
 */
export const kubernetesPreset: Preset = {
  title: 'Kubernetes',
  urls: ['https://**'],
  ids: ['/kubernetes.io/serviceaccount/uid'],
  refusedContexts: [],
  consumer: 'sub',
  hasTokenIds: false,
};
