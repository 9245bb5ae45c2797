import type { Preset } from './preset.ts';

/**
 * Buildkite (buildkite.com/docs/agent/v3/cli-oidc). Jobs ask for the ids: `--claim organization_id --claim pipeline_id`. The
 * branch of a fork is written with its owner and a colon, which no branch has in its own name.
 */
export const buildkitePreset: Preset = {
  title: 'Buildkite',
  urls: ['https://agent.buildkite.com'],
  ids: ['pipeline_id', 'organization_id'],
  refusedContexts: [{ claim: 'build_branch', texts: ['**:**'] }],
  consumer: 'pipeline_slug',
  hasTokenIds: false,
};
