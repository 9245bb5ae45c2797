import { claimText, isAmong, type Claims } from '../../domain/claims.ts';
import { workflowFile } from '../../domain/workflow-file.ts';
import { azurePipelines } from './azure-pipelines.ts';
import { bitbucket } from './bitbucket.ts';
import { buildkite } from './buildkite.ts';
import { circleci } from './circleci.ts';
import { githubActions } from './github-actions.ts';
import { gitlab } from './gitlab.ts';
import { kubernetes } from './kubernetes.ts';
import type { Preset } from './preset.ts';

/** Every provider that is known, by the name that callers give. */
export const presets = {
  GITHUB_ACTIONS: githubActions,
  GITLAB: gitlab,
  AZURE_PIPELINES: azurePipelines,
  CIRCLECI: circleci,
  BUILDKITE: buildkite,
  BITBUCKET: bitbucket,
  KUBERNETES: kubernetes,
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as PresetName[];

/** Of an issuer of which nothing is known beforehand. Some, such as the plug-in of Jenkins, give tokens no id. */
const unknown: Preset = { title: 'Other', urls: [], ids: [], refused: [], consumer: 'sub', hasTokenIds: false };

/** What is known of an issuer by its preset's name; null: nothing. */
export function presetOf(name: string | null): Preset {
  return name === null ? unknown : presets[name as PresetName];
}

/** The URL of a provider that has only one; null: there are many, or none is known. */
export function urlOf({ urls }: Preset): string | null {
  return urls.find((url) => !url.includes('*')) ?? null;
}

/** Whether a URL may be of a provider. */
export function isUrlOf({ urls }: Preset, url: string): boolean {
  return urls.length === 0 || isAmong(urls, url);
}

/** What rules are judged on: what a token says, with what is read out of it here, which nobody else can say. */
export function claimsFor(preset: Preset, claims: Claims): Claims {
  if (preset !== githubActions) return claims;
  const [ref, repository] = [claimText(claims, 'workflow_ref'), claimText(claims, 'repository')];
  const file = ref === null || repository === null ? null : workflowFile(ref, repository);
  return { ...claims, workflow_file: file };
}
