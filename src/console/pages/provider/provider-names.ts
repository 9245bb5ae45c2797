import type { TokenPreset } from '../../api/operations.ts';

/** A CI provider: its name, and the URL of its issuer if it has exactly one. */
interface Provider {
  readonly title: string;
  readonly url: string | null;
}

export const providers: Readonly<Record<TokenPreset, Provider>> = {
  GITHUB_ACTIONS: { title: 'GitHub Actions', url: 'https://token.actions.githubusercontent.com' },
  GITLAB: { title: 'GitLab', url: 'https://gitlab.com' },
  BUILDKITE: { title: 'Buildkite', url: 'https://agent.buildkite.com' },
  CIRCLECI: { title: 'CircleCI', url: null },
  BITBUCKET: { title: 'Bitbucket Pipelines', url: null },
  AZURE_PIPELINES: { title: 'Azure Pipelines', url: null },
  KUBERNETES: { title: 'Kubernetes', url: null },
};

/** Returns the name of a provider for people. */
export function titleOfProvider(preset: TokenPreset | null): string {
  return preset === null ? 'another issuer of OpenID Connect tokens' : providers[preset].title;
}
