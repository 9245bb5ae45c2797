import { graphql } from '../../api/graphql.ts';
import type { GatewayOfPageQuery, SettingsInForceQuery as SettingsInForce } from '../../api/operations.ts';

export const SettingsInForceQuery = graphql(`
  query SettingsInForce {
    settings {
      name
      description
      accepts
      isSecret
      source
      value
      defaultText
    }
  }
`);

export type SettingRow = SettingsInForce['settings'][number];

export const GatewayQuery = graphql(`
  query GatewayOfPage {
    gatewayNodes {
      nodeId
      isAnswering
      seenAt
      startedAt
      release
      formats
      modules {
        hash
        name
        isCurrent
      }
    }
  }
`);

export type NodeRow = GatewayOfPageQuery['gatewayNodes'][number];
