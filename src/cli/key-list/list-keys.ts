import type { Client } from '../../client/client.ts';
import { toKeyJson, KEY_SELECTION, type KeyJson } from './key-json.ts';

const PAGE_SIZE = 100;

const QUERY = `query Keys($first: Int, $after: String, $filter: KeyFilter) {
  keys(first: $first, after: $after, filter: $filter) {
    edges { node { ${KEY_SELECTION} } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface KeyPageData {
  readonly keys: {
    readonly edges: readonly { readonly node: unknown }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** The schema's KeyFilter input. */
export type KeyListFilter = Readonly<Record<string, unknown>>;

/** Lists the keys that match a filter, newest first, at most `most`. Throws ClientError as `Client.ask` does. */
export async function listKeys(
  client: Client,
  filter: KeyListFilter,
  {
    most = Number.POSITIVE_INFINITY,
    onPage = () => undefined,
  }: {
    readonly most?: number;
    readonly onPage?: (count: number) => void;
  } = {},
): Promise<KeyJson[]> {
  const keys: KeyJson[] = [];
  let after: string | null = null;
  do {
    const { edges, pageInfo } = await fetchPage(client, {
      first: Math.min(PAGE_SIZE, most - keys.length),
      after,
      filter,
    });
    keys.push(...edges.map(({ node }) => toKeyJson(node)));
    onPage(keys.length);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null && keys.length < most);
  return keys;
}

/** Counts the keys that match a filter. Throws ClientError as `Client.ask` does. */
export async function countKeys(client: Client, filter: KeyListFilter): Promise<number> {
  const query = 'query Count($filter: KeyFilter) { keyCount(filter: $filter) }';
  return (await client.ask<{ readonly keyCount: number }>({ query, variables: { filter } })).keyCount;
}

async function fetchPage(client: Client, variables: Readonly<Record<string, unknown>>): Promise<KeyPageData['keys']> {
  return (await client.ask<KeyPageData>({ query: QUERY, variables })).keys;
}
