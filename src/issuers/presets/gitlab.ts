import type { Preset } from './preset.ts';

/**
 * GitLab, gitlab.com and one's own (docs.gitlab.com, "ID token authentication"). What a child pipeline runs for its token does
 * not say: it may be a merge request, whose branch may be called as a protected one.
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
