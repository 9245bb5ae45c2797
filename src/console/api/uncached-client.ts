import { createClient, fetchExchange } from 'urql';
import { noteRequestId } from './client.ts';

/**
 * A client that stores neither results nor variables: for the pages of a log without an end, and for a token among the variables.
 * That the session has ended is noticed by the subscription of the page.
 */
export const uncachedClient = createClient({
  url: '/graphql',
  preferGetMethod: false,
  fetch: async (input, init) => noteRequestId(await fetch(input, init)),
  exchanges: [fetchExchange],
});
