import type { Preset } from './preset.ts';

/**
 * GitHub Actions: github.com, with an enterprise's own issuer or without, ghe.com and Enterprise Server (docs.github.com,
 * "OpenID Connect reference"). `workflow_file` is read out
 * of `workflow_ref` here, for GitHub has no claim for the file alone.
 */
export const githubActionsPreset: Preset = {
  title: 'GitHub Actions',
  urls: [
    'https://token.actions.githubusercontent.com',
    'https://token.actions.githubusercontent.com/*',
    'https://token.actions.*.ghe.com',
    'https://*/_services/token',
  ],
  ids: ['repository_id', 'repository_owner_id'],
  // What others than those who may write to the repository can cause, or fill with what they like.
  refusedContexts: [
    {
      claim: 'event_name',
      texts: ['pull_request*', 'workflow_run', 'issue*', 'discussion*', 'fork', 'watch', 'gollum'],
    },
    { claim: 'ref', texts: ['refs/pull/**'] },
  ],
  consumer: 'repository',
  hasTokenIds: true,
};
