import { useQuery } from 'urql';
import { readOutcome } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';
import type { FilterChoicesQuery } from '../api/operations.ts';

const ChoicesQuery = graphql(`
  query FilterChoices {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    accounts(first: 100) {
      edges {
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

type NodeOf<Connection extends { readonly edges: readonly { readonly node: unknown }[] }> =
  Connection['edges'][number]['node'];

/** The realms and owners that a list can be filtered by, or a form can choose. */
interface FilterChoices {
  readonly realms: readonly NodeOf<FilterChoicesQuery['realms']>[];
  readonly organizations: readonly NodeOf<FilterChoicesQuery['organizations']>[];
  readonly people: readonly NodeOf<FilterChoicesQuery['accounts']>[];
  /** Organizations and people. */
  readonly owners: readonly NodeOf<FilterChoicesQuery['accounts']>[];
  /** Why there may be others than these, for people; null: these are all, or they are still being read. */
  readonly gap: string | null;
}

/** Reads the realms and owners to choose from. `isNeeded`: whether they are shown. */
export function useFilterChoices(isNeeded = true): FilterChoices {
  const [state] = useQuery({ query: ChoicesQuery, pause: !isNeeded, variables: {} });
  const { data, problem } = readOutcome(state);
  if (data === null) {
    const gap = state.error === undefined ? null : `Not all realms and owners are listed: ${problem}`;
    return { realms: [], organizations: [], people: [], owners: [], gap };
  }
  const organizations = data.organizations.edges.map(({ node }) => node);
  const people = data.accounts.edges.map(({ node }) => node);
  const isPartial = [data.realms, data.organizations, data.accounts].some(({ pageInfo }) => pageInfo.hasNextPage);
  return {
    realms: data.realms.edges.map(({ node }) => node),
    organizations,
    people,
    owners: [...organizations, ...people],
    gap: isPartial ? 'The lists have the first 100 realms, organizations and people.' : null,
  };
}
