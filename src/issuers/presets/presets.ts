import { claimText, matchesAnyGlob, type Claims } from '../../domain/claims.ts';
import { workflowFileOf } from '../../domain/workflow-file.ts';
import { azurePipelinesPreset } from './azure-pipelines.ts';
import { bitbucketPreset } from './bitbucket.ts';
import { buildkitePreset } from './buildkite.ts';
import { circleciPreset } from './circleci.ts';
import { githubActionsPreset } from './github-actions.ts';
import { gitlabPreset } from './gitlab.ts';
import { kubernetesPreset } from './kubernetes.ts';
import type { Preset } from './preset.ts';

/** The known providers, by their name in the schema. */
export const presets = {
  GITHUB_ACTIONS: githubActionsPreset,
  GITLAB: gitlabPreset,
  AZURE_PIPELINES: azurePipelinesPreset,
  CIRCLECI: circleciPreset,
  BUILDKITE: buildkitePreset,
  BITBUCKET: bitbucketPreset,
  KUBERNETES: kubernetesPreset,
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as PresetName[];

/** The preset of an issuer without a known provider. Some, such as the Jenkins plug-in, give tokens without a `jti`. */
const genericPreset: Preset = {
  title: 'Other',
  urls: [],
  ids: [],
  refusedContexts: [],
  consumer: 'sub',
  hasTokenIds: false,
};

/** Returns the preset with a name; for null, the preset of an unknown provider. */
export function presetOf(name: string | null): Preset {
  return name === null ? genericPreset : presets[name as PresetName];
}

/** Returns the provider's URL without a wildcard; null: it has none, so the caller must give the URL. */
export function findOnlyUrl({ urls }: Preset): string | null {
  return urls.find((url) => !url.includes('*')) ?? null;
}

/** Returns whether a URL can be an issuer of the provider. An unknown provider accepts every URL. */
export function isPresetUrl({ urls }: Preset, url: string): boolean {
  return urls.length === 0 || matchesAnyGlob(urls, url);
}

/**
 * Adds the claims that are derived from others: `workflow_file` for GitHub Actions. A derived claim replaces a claim of that name
 * in the token, so that a token cannot set it.
 */
export function addDerivedClaims(preset: Preset, claims: Claims): Claims {
  if (preset !== githubActionsPreset) return claims;
  const [ref, repository] = [claimText(claims, 'workflow_ref'), claimText(claims, 'repository')];
  const file = ref === null || repository === null ? null : workflowFileOf(ref, repository);
  return { ...claims, workflow_file: file };
}
