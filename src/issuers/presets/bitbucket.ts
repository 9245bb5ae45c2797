import type { Preset } from './preset.ts';

/**
 * Bitbucket Pipelines (support.atlassian.com, "Integrate Pipelines with resource servers using OIDC"). Its tokens have no claim
 * about pull requests. Pull requests of forks run no pipelines in the repository.
 */
export const bitbucketPreset: Preset = {
  title: 'Bitbucket Pipelines',
  urls: ['https://api.bitbucket.org/2.0/workspaces/*/pipelines-config/identity/oidc'],
  ids: ['repositoryUuid', 'workspaceUuid'],
  refusedContexts: [],
  consumer: 'repositoryUuid',
  hasTokenIds: false,
};
