import type { Preset } from './preset.ts';

/** GitLab, gitlab.com and one's own (docs.gitlab.com, "ID token authentication"). */
export const gitlab: Preset = {
  title: 'GitLab',
  urls: ['https://gitlab.com', 'https://**'],
  ids: ['project_id', 'namespace_id'],
  refused: [{ claim: 'pipeline_source', texts: ['merge_request_event', 'external_pull_request_event'] }],
  consumer: 'project_path',
  hasTokenIds: true,
};
