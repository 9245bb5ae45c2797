import type { Preset } from './preset.ts';

/**
 * Buildkite (buildkite.com/docs/agent/v3/cli-oidc). A job requests the id claims `organization_id` and
 * `pipeline_id` with `--claim`. The branch of a fork is written `owner:branch`; no branch name has a colon.
 */
export const buildkitePreset: Preset = {
  title: 'Buildkite',
  urls: ['https://agent.buildkite.com'],
  ids: ['pipeline_id', 'organization_id'],
  refusedContexts: [{ claim: 'build_branch', texts: ['**:**'] }],
  consumer: 'pipeline_slug',
  hasTokenIds: false,
};
