import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { buildSchema, isAbstractType, OperationTypeNode } from 'graphql';
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import {
  codesOf,
  newSubscriptionLog,
  socketUrl,
  type Library,
  type OperationOutcome,
  type SubscriptionLog,
} from './library.ts';

/** What its cache has to know of unions and interfaces, made from the schema as its documentation says. */
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);

/** Subscriptions over GraphQLWsLink, all else over HttpLink. */
export const apollo: Library = {
  name: 'Apollo Client',
  over: 'SOCKET',
  connect(gateway, credential) {
    const sockets = createClient({
      url: socketUrl(gateway),
      connectionParams: () => ({ authorization: `Bearer ${credential()}` }),
      retryAttempts: 0,
    });
    const http = new HttpLink({
      uri: `${gateway.url}/graphql`,
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${credential()}` } as HeadersInit }),
    });
    const client = new ApolloClient({
      link: ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(sockets),
        http,
      ),
      cache: new InMemoryCache({ possibleTypes }),
    });
    return {
      async ask(query, variables = {}) {
        const document = gql(query);
        const how = { variables, fetchPolicy: 'no-cache', errorPolicy: 'all' } as const;
        return outcomeOf(
          /^\s*mutation/.test(query)
            ? await client.mutate({ mutation: document, ...how })
            : await client.query({ query: document, ...how }),
        );
      },
      subscribe(query, variables = {}) {
        const log = newSubscriptionLog();
        const subscription = client.subscribe({ query: gql(query), variables, fetchPolicy: 'no-cache' }).subscribe({
          next(result) {
            const { error } = result;
            if (error === undefined || CombinedGraphQLErrors.is(error)) log.results.push(outcomeOf(result));
            else log.end = closeOf(error);
          },
          error: (error: Error) => (log.end = closeOf(error)),
          complete: () => (log.end ??= 'COMPLETE'),
        });
        log.leave = () => subscription.unsubscribe();
        return log;
      },
      async close() {
        client.stop();
        await sockets.dispose();
      },
    };
  },
};

function outcomeOf({ data, error }: { readonly data?: unknown; readonly error?: unknown }): OperationOutcome {
  return { data: data ?? null, codes: CombinedGraphQLErrors.is(error) ? codesOf(error.errors) : [] };
}

/** It makes a sentence of the socket's close. */
function closeOf({ message }: Pick<Error, 'message'>): SubscriptionLog['end'] {
  const [, code = '', reason = ''] = /^Socket closed with event (\d+) (.*)$/.exec(message) ?? [];
  return { code: Number(code), reason: reason || message };
}
