import type { Preset } from './preset.ts';

/**
 * GitHub Actions: github.com, with or without an enterprise's own issuer, ghe.com and Enterprise Server (docs.github.com, "OpenID
 * Connect reference"). `addDerivedClaims` adds `workflow_file`, because GitHub has no claim for the file alone.
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
  // Events that people without write access to the repository can cause, or whose content they control.
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
