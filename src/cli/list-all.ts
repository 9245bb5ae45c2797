import type { Client } from '../client/client.ts';

const PAGE_SIZE = 100;

/** A list of the schema, and the selection of its items. */
export interface ListQuery {
  readonly field: string;
  /** The name of the filter's input type. */
  readonly filterType: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly select: string;
}

interface Page<Item> {
  readonly edges: readonly { readonly node: Item }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Returns all items of a list that the caller may see, page by page. Throws ClientError as `Client.ask` does. */
export async function listAll<Item>(client: Client, { field, filterType, filter, select }: ListQuery): Promise<Item[]> {
  const query = `query List($first: Int, $after: String, $filter: ${filterType}) {
  ${field}(first: $first, after: $after, filter: $filter) {
    edges { node { ${select} } }
    pageInfo { hasNextPage endCursor }
  }
}`;
  const items: Item[] = [];
  let after: string | null = null;
  do {
    const variables: Readonly<Record<string, unknown>> = { first: PAGE_SIZE, after, filter };
    const data: Readonly<Record<string, Page<Item> | undefined>> = await client.ask({ query, variables });
    const page = data[field];
    if (page === undefined) break;
    items.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return items;
}
