import { graphql } from '../../api/graphql.ts';
import type { RuleOfPageFragment } from '../../api/operations.ts';
import type { LiveEvent } from '../../live/live-events.ts';

export const ruleOfPage = graphql(`
  fragment RuleOfPage on TokenRule {
    id
    name
    createdAt
    changedAt
    removedAt
    owner {
      id
      name
    }
    conditions {
      claim
      equals
      matches
    }
    scopes {
      action
      resource
    }
    labels {
      name
      value
    }
    claimLabels {
      name
      claim
    }
    issuer {
      id
      name
      url
      audience
      realm {
        slug
        name
      }
    }
  }
`);

/** A rule with all that the pages show of it. */
export type RuleDetails = RuleOfPageFragment;

export const RealmsQuery = graphql(`
  query RealmsWithRules {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
    }
  }
`);

export const IssuersQuery = graphql(`
  query IssuersOfRealm($realm: String!) {
    realm(slug: $realm) {
      slug
      issuers(first: 100) {
        edges {
          node {
            id
            name
            url
            audience
            preset
          }
        }
      }
    }
  }
`);

/** The rules of one issuer, in the order in which they are tried. */
export const IssuerRulesQuery = graphql(`
  query RulesOfIssuer($id: ID!) {
    node(id: $id) {
      id
      ... on TrustedIssuer {
        rules(first: 100) {
          edges {
            node {
              ...RuleOfPage
            }
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`);

export const RuleQuery = graphql(`
  query RuleById($id: ID!) {
    node(id: $id) {
      id
      ... on TokenRule {
        ...RuleOfPage
      }
    }
  }
`);

export const RuleKeysQuery = graphql(`
  query KeysOfRule($id: ID!) {
    issued: keyCount(filter: { tokenRule: $id })
    working: keyCount(filter: { tokenRule: $id, states: [ACTIVE] })
    keys(filter: { tokenRule: $id }, orderBy: { field: CREATED_AT, direction: DESC }, first: 20) {
      edges {
        node {
          ...KeyRow
        }
      }
    }
  }
`);

export const RuleFormQuery = graphql(`
  query RuleForm($realm: String!) {
    realm(slug: $realm) {
      name
      foldsCase
      actions {
        name
        description
        retiredAt
      }
      issuers(first: 100) {
        edges {
          node {
            id
            name
            url
            preset
          }
        }
      }
    }
  }
`);

export const addRuleDocument = graphql(`
  mutation AddRuleOnPage($input: AddTokenRuleInput!) {
    addTokenRule(input: $input) {
      ... on AddTokenRuleSuccess {
        rule {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const updateRuleDocument = graphql(`
  mutation UpdateRuleOnPage($input: UpdateTokenRuleInput!) {
    updateTokenRule(input: $input) {
      ... on UpdateTokenRuleSuccess {
        rule {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const removeRuleDocument = graphql(`
  mutation RemoveRuleOnPage($input: RemoveTokenRuleInput!) {
    removeTokenRule(input: $input) {
      ... on RemoveTokenRuleSuccess {
        rule {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const revokeKeysDocument = graphql(`
  mutation RevokeKeysOfRule($input: ChangeKeysInput!) {
    changeKeys(input: $input) {
      ... on ChangeKeysSuccess {
        matchedCount
        confirmation
        byOwner {
          keyCount
          owner {
            id
            name
          }
        }
        operation {
          id
          state
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** Whether an event changes an issuer or a rule. */
export function concernsRules({ type }: LiveEvent): boolean {
  return type.startsWith('TOKEN_RULE_') || type.startsWith('ISSUER_');
}
