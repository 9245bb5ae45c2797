import type { Preset } from './preset.ts';

/**
 * CircleCI (circleci.com/docs/openid-connect-tokens). A job of a forked pull request is on a branch `pull/` and a number; one
 * that was run again with SSH is in somebody's hands.
 */
export const circleciPreset: Preset = {
  title: 'CircleCI',
  urls: ['https://oidc.circleci.com/org/*'],
  ids: ['oidc.circleci.com/project-id', 'oidc.circleci.com/org-id'],
  refusedContexts: [
    { claim: 'oidc.circleci.com/ssh-rerun', texts: ['true'] },
    { claim: 'oidc.circleci.com/vcs-ref', texts: ['refs/pull/**', 'refs/heads/pull/**', 'pull/**'] },
  ],
  consumer: 'oidc.circleci.com/project-id',
  hasTokenIds: false,
};
