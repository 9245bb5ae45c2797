import { cacheExchange, createClient, fetchExchange, mapExchange, type Client, type CombinedError } from 'urql';

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

/**
 * Creates the client of one session. The browser sends the cookie of the session by itself. Calls `onSessionEnd` when the
 * gateway no longer accepts it.
 */
export function createApiClient(onSessionEnd: () => void): Client {
  return createClient({
    url: '/graphql',
    preferGetMethod: false,
    fetch: async (input, init) => noteRequestId(await fetch(input, init)),
    exchanges: [
      cacheExchange,
      mapExchange({
        onError: (error) => {
          if (isUnauthenticated(error)) onSessionEnd();
        },
      }),
      fetchExchange,
    ],
  });
}

export function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
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
