import { createClient } from 'graphql-ws';
import { codesOf, endOf, newSubscriptionLog, socketUrl, type Library } from './library.ts';

/** With the WebSocket that Node has, as browsers have it. */
export const graphqlWs: Library = {
  name: 'graphql-ws',
  over: 'SOCKET',
  connect(gateway, credential) {
    const client = createClient({
      url: socketUrl(gateway),
      connectionParams: () => ({ authorization: `Bearer ${credential()}` }),
      retryAttempts: 0,
    });
    return {
      async ask(query, variables = {}) {
        try {
          const { value } = await client.iterate({ query, variables }).next();
          return { data: value?.data ?? null, codes: codesOf(value?.errors) };
        } catch (error) {
          const end = endOf(error);
          return { data: null, codes: typeof end === 'object' && 'codes' in end ? end.codes : [] };
        }
      },
      subscribe(query, variables = {}) {
        const log = newSubscriptionLog();
        log.leave = client.subscribe(
          { query, variables },
          {
            next: ({ data, errors }) => void log.results.push({ data: data ?? null, codes: codesOf(errors) }),
            error: (error) => (log.end = endOf(error)),
            complete: () => (log.end = 'COMPLETE'),
          },
        );
        return log;
      },
      close: () => client.dispose(),
    };
  },
};
