import { isDeepStrictEqual } from 'node:util';
import {
  Client as UrqlClient,
  fetchExchange,
  subscriptionExchange,
  type CombinedError,
  type OperationResult,
} from '@urql/core';
import { createClient } from 'graphql-ws';
import {
  codesOf,
  endOf,
  newSubscriptionLog,
  socketUrl,
  type Client,
  type Library,
  type OperationOutcome,
} from './library.ts';

const headersWith = (credential: () => string) => () => ({ headers: { Authorization: `Bearer ${credential()}` } });

/** Subscriptions over graphql-ws by its subscription exchange, all else over HTTP. */
export const urql: Library = {
  name: 'urql with its subscription exchange',
  over: 'SOCKET',
  connect(gateway, credential) {
    const sockets = createClient({
      url: socketUrl(gateway),
      connectionParams: () => ({ authorization: `Bearer ${credential()}` }),
      retryAttempts: 0,
    });
    const client = new UrqlClient({
      url: `${gateway.url}/graphql`,
      preferGetMethod: false,
      fetchOptions: headersWith(credential),
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: sockets.subscribe({ query, variables: variables as Record<string, unknown> }, sink as never),
            }),
          }),
        }),
      ],
    });
    return { ...clientMethods(client), close: () => sockets.dispose() };
  },
};

/** Subscriptions as server-sent events, which its fetch exchange reads. */
export const urqlOverSse: Library = {
  name: 'urql with subscriptions by fetch',
  over: 'SSE',
  connect(gateway, credential) {
    const client = new UrqlClient({
      url: `${gateway.url}/graphql`,
      preferGetMethod: false,
      fetchSubscriptions: true,
      fetchOptions: headersWith(credential),
      exchanges: [fetchExchange],
    });
    return { ...clientMethods(client), close: () => undefined };
  },
};

function clientMethods(client: UrqlClient): Pick<Client, 'ask' | 'subscribe'> {
  return {
    async ask(query, variables = {}) {
      const operation = /^\s*mutation/.test(query) ? client.mutation(query, variables) : client.query(query, variables);
      return outcomeOf(await operation.toPromise());
    },
    subscribe(query, variables = {}) {
      const log = newSubscriptionLog();
      const { unsubscribe } = client.subscription(query, variables).subscribe((result) => {
        const close = closeOf(result.error);
        const outcome = outcomeOf(result);
        const last = log.results.at(-1);
        if (close !== null) log.end = endOf(close);
        // At its end it tells the last result once more.
        else if (!result.hasNext && isDeepStrictEqual(outcome, last)) log.end = 'COMPLETE';
        else log.results.push(outcome);
      });
      log.leave = unsubscribe;
      return log;
    },
  };
}

function outcomeOf({ data, error }: OperationResult): OperationOutcome {
  return { data: data ?? null, codes: codesOf(error?.graphQLErrors) };
}

/** The socket's close, which urql hands on as what the network did. */
function closeOf(error: CombinedError | undefined): object | null {
  const cause = error?.networkError as object | undefined;
  return cause !== undefined && 'code' in cause && typeof cause.code === 'number' ? cause : null;
}
