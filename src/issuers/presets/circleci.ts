import type { Preset } from './preset.ts';

/**
 * CircleCI (circleci.com/docs/openid-connect-tokens). A job of a forked pull request has the branch `pull/<number>`. A job that
 * was rerun with SSH is controlled by the person who is logged in to it.
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
