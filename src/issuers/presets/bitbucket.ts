import type { Preset } from './preset.ts';

/**
 * Bitbucket Pipelines (support.atlassian.com, "Integrate Pipelines with resource servers using OIDC"). A token says nothing
 * of pull requests; those of forks have no pipelines here.
 */
export const bitbucketPreset: Preset = {
  title: 'Bitbucket Pipelines',
  urls: ['https://api.bitbucket.org/2.0/workspaces/*/pipelines-config/identity/oidc'],
  ids: ['repositoryUuid', 'workspaceUuid'],
  refusedContexts: [],
  consumer: 'repositoryUuid',
  hasTokenIds: false,
};
