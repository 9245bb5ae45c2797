import type { Preset } from './preset.ts';

/** Azure Pipelines (learn.microsoft.com, Azure DevOps REST API, "Oidctoken - Create"). The audience of its tokens is fixed. */
export const azurePipelinesPreset: Preset = {
  title: 'Azure Pipelines',
  urls: ['https://vstoken.dev.azure.com/*'],
  ids: ['org_id', 'prj_id', 'rpo_id', 'def_id'],
  refusedContexts: [{ claim: 'rpo_ref', texts: ['refs/pull/**'] }],
  consumer: 'rpo_uri',
  hasTokenIds: true,
};
