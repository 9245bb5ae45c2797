import { createClient, fetchExchange, mapExchange, type Client, type CombinedError, type Exchange } from 'urql';

let latestRequestId: string | null = null;

/** Returns the id of the latest request that was answered; null: none was. */
export function lastRequestId(): string | null {
  return latestRequestId;
}

/** Notes the request id of a response, and returns the response. */
export function noteRequestId(response: Response): Response {
  latestRequestId = response.headers.get('x-request-id') ?? latestRequestId;
  return response;
}

interface ApiOptions {
  /** Called when the gateway no longer accepts the session, with the name that it gives to the reason. */
  readonly onSessionEnd: (outcome: string) => void;
  /** The address of the API. Default: that of the gateway that served the page. */
  readonly url?: string;
  /** Sends a request. Default: as the browser does, with the cookie of the session. */
  readonly send?: typeof fetch;
  /** What stores results. Default: nothing does, and each query is read from the gateway. */
  readonly cache?: Exchange;
  /** Called after a mutation. Only the cache knows which results it has made stale. */
  readonly onMutation?: () => void;
}

/** Creates the client of one session. */
export function createApiClient({
  onSessionEnd,
  url = '/graphql',
  send = fetch,
  cache,
  onMutation,
}: ApiOptions): Client {
  return createClient({
    url,
    preferGetMethod: false,
    fetch: async (input, init) => noteRequestId(await send(input, init)),
    exchanges: [
      ...(cache === undefined ? [] : [cache]),
      mapExchange({
        onResult: ({ operation }) => {
          if (operation.kind === 'mutation') onMutation?.();
        },
        onError: (error) => {
          if (isUnauthenticated(error)) onSessionEnd(outcomeOf(error));
        },
      }),
      fetchExchange,
    ],
  });
}

export function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
}

/** Returns the name that the gateway gives to why a credential is refused; empty: it gives none. */
function outcomeOf({ graphQLErrors }: CombinedError): string {
  const named = graphQLErrors.find(({ extensions }) => typeof extensions['outcome'] === 'string');
  return String(named?.extensions['outcome'] ?? '');
}

/** What became of a query: all of its data, or why there is none, for people. */
export type ReadOutcome<Data> =
  { readonly data: Data; readonly problem: null } | { readonly data: null; readonly problem: string };

/**
 * Returns what became of a query. Data that came with an error counts as a failure: where the error is, it has null, as if
 * there were nothing.
 */
export function readOutcome<Data>({
  data,
  error,
}: {
  readonly data?: Data | null | undefined;
  readonly error?: CombinedError | undefined;
}): ReadOutcome<Data> {
  if (error !== undefined) return { data: null, problem: errorMessageOf(error) };
  return data == null ? { data: null, problem: 'The request failed.' } : { data, problem: null };
}

/** Returns what an error says to people: without the prefix that urql adds. */
export function errorMessageOf({ graphQLErrors: [first], networkError }: CombinedError): string {
  if (first !== undefined) return first.message;
  return networkError === undefined ? 'The request failed.' : 'The gateway cannot be reached.';
}
