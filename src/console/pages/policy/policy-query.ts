import { graphql } from '../../api/graphql.ts';
import type {
  BindingOfPageQuery,
  BindingRowFragment,
  BrakeRowFragment,
  PoliciesOfRealmQuery,
  PolicyModulesQuery,
  PolicyRealmsQuery,
} from '../../api/operations.ts';

export const BindingRow = graphql(`
  fragment BindingRow on Binding {
    id
    policy
    title
    hash
    mode
    health
    selector
    effectiveAt
    unboundAt
    fault {
      kind
      message
      keyCount
      since
      retryAt
    }
    progress {
      done
      total
    }
  }
`);

export const BrakeRow = graphql(`
  fragment BrakeRow on Brake {
    id
    engagedAt
    waitingCount
    binding {
      id
    }
  }
`);

export const RealmChoicesQuery = graphql(`
  query PolicyRealms {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
    }
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
    accounts(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
    problems(kinds: [BRAKE_ENGAGED, POLICY_BROKEN], limit: 50) {
      kind
      since
      binding {
        id
        title
        realm {
          name
        }
      }
      brake {
        id
        binding {
          id
          title
        }
        realm {
          name
        }
      }
    }
  }
`);

export const RealmPoliciesQuery = graphql(`
  query PoliciesOfRealm($realm: String!) {
    realm(slug: $realm) {
      slug
      name
      bindings {
        ...BindingRow
      }
      brakes {
        ...BrakeRow
      }
    }
    policies {
      name
      hash
      title
      summary
      decides
      isCurrent
    }
  }
`);

export const ModulesQuery = graphql(`
  query PolicyModules {
    policies {
      name
      version
      hash
      title
      summary
      decides
      documentation
      configSchema
      isCurrent
    }
    realms(first: 100) {
      edges {
        node {
          slug
          name
          minimumNotice
        }
      }
    }
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
    accounts(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

export const BindingQuery = graphql(`
  query BindingOfPage($id: ID!) {
    node(id: $id) {
      id
      ... on Binding {
        ...BindingRow
        config
        revision
        reason
        createdAt
        changedAt
        noticePeriod
        followsModule
        realm {
          slug
          name
          brakes {
            ...BrakeRow
            waiting(first: 5) {
              edges {
                node {
                  id
                  name
                  owner {
                    id
                    name
                  }
                }
              }
            }
          }
        }
      }
    }
  }
`);

export const DecisionsQuery = graphql(`
  query DecisionsOfBinding($id: ID!, $types: [EventType!]) {
    events(filter: { actor: $id, types: $types }, last: 10) {
      edges {
        node {
          id
          type
          at
          reason
          keyId
          key {
            name
          }
        }
      }
    }
  }
`);

export const BindingHistoryQuery = graphql(`
  query HistoryOfBindings($realm: String!, $types: [EventType!]) {
    events(filter: { realm: $realm, types: $types }, last: 100) {
      edges {
        node {
          id
          type
          at
          reason
          data
          actor {
            name
          }
        }
      }
    }
  }
`);

/** A module, in one version. */
export type PolicyModule = PolicyModulesQuery['policies'][number];

/** A module as the list has it. */
export type ListedModule = PoliciesOfRealmQuery['policies'][number];

export type ListedBinding = BindingRowFragment;
export type ListedBrake = BrakeRowFragment;

export type PolicyProblem = PolicyRealmsQuery['problems'][number];

/** A binding with all that its page shows. */
export type BindingDetails = Extract<NonNullable<BindingOfPageQuery['node']>, { readonly policy: string }>;

/** Returns the binding that a node is; null: it is another object, or there is none. */
export function bindingOf(node: object | null): BindingDetails | null {
  return node !== null && 'policy' in node ? (node as BindingDetails) : null;
}

export type BrakeDetails = BindingDetails['realm']['brakes'][number];

/** The names of owners, by id. */
export type OwnerNames = ReadonlyMap<string, string>;

interface NamedOwners {
  readonly organizations: Edges;
  readonly accounts: Edges;
}

interface Edges {
  readonly edges: readonly { readonly node: { readonly id: string; readonly name: string } }[];
}

export function ownerNamesOf({ organizations, accounts }: NamedOwners): OwnerNames {
  return new Map([...organizations.edges, ...accounts.edges].map(({ node: { id, name } }) => [id, name]));
}

/** Whether an event changes what the pages of policies show. */
export function concernsPolicies({ type }: { readonly type: string }): boolean {
  return type.startsWith('POLICY_') || type.startsWith('BRAKE_') || type.startsWith('REALM_');
}
