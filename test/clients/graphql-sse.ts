import { createClient, NetworkError } from 'graphql-sse';
import { codesOf, newSubscriptionLog, type Library, type SubscriptionLog } from './library.ts';

/** In distinct connections mode, its default. */
export const graphqlSse: Library = {
  name: 'graphql-sse',
  over: 'SSE',
  connect({ url }, credential) {
    const client = createClient({
      url: `${url}/graphql`,
      headers: () => ({ Authorization: `Bearer ${credential()}` }),
      retryAttempts: 0,
    });
    return {
      async ask(query, variables = {}) {
        try {
          const { value } = await client.iterate({ query, variables }).next();
          return { data: value?.data ?? null, codes: codesOf(value?.errors) };
        } catch (error) {
          return { data: null, codes: await refusalOf(error) };
        }
      },
      subscribe(query, variables = {}) {
        const log = newSubscriptionLog();
        log.leave = client.subscribe<any>(
          { query, variables },
          {
            next: ({ data, errors }) => void log.results.push({ data: data ?? null, codes: codesOf(errors) }),
            error: (error) => void endWith(log, error),
            complete: () => (log.end = 'COMPLETE'),
          },
        );
        return log;
      },
      close: () => client.dispose(),
    };
  },
};

async function endWith(log: SubscriptionLog, error: unknown): Promise<void> {
  log.end = { codes: await refusalOf(error) };
}

/** A stream that was refused: the client hands on the response, whose body says why. */
async function refusalOf(error: unknown): Promise<string[]> {
  if (!(error instanceof NetworkError) || error.response === undefined) return [];
  const [, data = '{}'] = /^data: (.*)$/m.exec(await (error.response as Response).text()) ?? [];
  return codesOf((JSON.parse(data) as { errors?: [] }).errors);
}
