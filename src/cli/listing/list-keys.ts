import type { Client } from '../../client/client.ts';
import { factsOf, KEY_FACTS, type KeyFacts } from './key-facts.ts';

const PAGE = 100;

const QUERY = `query Keys($first: Int, $after: String, $filter: KeyFilter) {
  keys(first: $first, after: $after, filter: $filter) {
    edges { node { ${KEY_FACTS} } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Data {
  readonly keys: {
    readonly edges: readonly { readonly node: unknown }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** The schema's KeyFilter. */
export type KeyFilter = Readonly<Record<string, unknown>>;

/** The keys that a filter lets through, newest first, at most so many. Throws ClientError as `ask` does. */
export async function listKeys(
  client: Client,
  filter: KeyFilter,
  {
    most = Number.POSITIVE_INFINITY,
    onPage = () => undefined,
  }: {
    readonly most?: number;
    readonly onPage?: (count: number) => void;
  } = {},
): Promise<KeyFacts[]> {
  const keys: KeyFacts[] = [];
  let after: string | null = null;
  do {
    const { edges, pageInfo } = await askPage(client, { first: Math.min(PAGE, most - keys.length), after, filter });
    keys.push(...edges.map(({ node }) => factsOf(node)));
    onPage(keys.length);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null && keys.length < most);
  return keys;
}

/** How many keys a filter lets through. Throws ClientError as `ask` does. */
export async function countKeys(client: Client, filter: KeyFilter): Promise<number> {
  const query = 'query Count($filter: KeyFilter) { keyCount(filter: $filter) }';
  return (await client.ask<{ readonly keyCount: number }>({ query, variables: { filter } })).keyCount;
}

async function askPage(client: Client, variables: Readonly<Record<string, unknown>>): Promise<Data['keys']> {
  return (await client.ask<Data>({ query: QUERY, variables })).keys;
}
