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

/** Every provider that is known, by the name that callers give. */
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

/** Of an issuer of which nothing is known beforehand. Some, such as the plug-in of Jenkins, give tokens no id. */
const genericPreset: Preset = {
  title: 'Other',
  urls: [],
  ids: [],
  refusedContexts: [],
  consumer: 'sub',
  hasTokenIds: false,
};

/** What is known of an issuer by its preset's name; null: nothing. */
export function presetOf(name: string | null): Preset {
  return name === null ? genericPreset : presets[name as PresetName];
}

/** The URL of a provider that has only one; null: there are many, or none is known. */
export function findOnlyUrl({ urls }: Preset): string | null {
  return urls.find((url) => !url.includes('*')) ?? null;
}

/** Whether a URL may be of a provider. */
export function isPresetUrl({ urls }: Preset, url: string): boolean {
  return urls.length === 0 || matchesAnyGlob(urls, url);
}

/** What rules are judged on: what a token says, with what is read out of it here, which nobody else can say. */
export function addDerivedClaims(preset: Preset, claims: Claims): Claims {
  if (preset !== githubActionsPreset) return claims;
  const [ref, repository] = [claimText(claims, 'workflow_ref'), claimText(claims, 'repository')];
  const file = ref === null || repository === null ? null : workflowFileOf(ref, repository);
  return { ...claims, workflow_file: file };
}
