import type { Preset } from './preset.ts';

/**
 * GitLab, on gitlab.com and self-managed (docs.gitlab.com, "ID token authentication"). The token of a child pipeline does not say
 * what its parent runs for. The parent may be a merge request whose branch has the name of a protected branch.
 */
export const gitlabPreset: Preset = {
  title: 'GitLab',
  urls: ['https://gitlab.com', 'https://**'],
  ids: ['project_id', 'namespace_id'],
  refusedContexts: [
    {
      claim: 'pipeline_source',
      texts: ['merge_request_event', 'external_pull_request_event', 'parent_pipeline'],
    },
  ],
  consumer: 'project_path',
  hasTokenIds: true,
};
