import { hash } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import { badUserInput, RequestError } from '../domain/request-error.ts';
import { toGraphQLError } from './mask-error.ts';

/** An operation as a client sends it, over whatever way. */
interface OperationRequest {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** The message by which Apollo Client and urql know that they have to send the text, from then on. */
const NOT_SUPPORTED = 'PersistedQueryNotSupported';

/**
 * No operation is stored, for anyone: one that is named by its hash alone is refused in the words that clients of automatic
 * persisted queries understand, one that has both is refused unless the hash is that of its text. Null: neither.
 */
export function checkPersistedQuery({ query, extensions }: OperationRequest): RequestError | null {
  const named = (extensions as { readonly persistedQuery?: unknown } | null | undefined)?.persistedQuery;
  if (named == null) return null;
  if (typeof query !== 'string' || query === '') {
    return new RequestError('BAD_USER_INPUT', NOT_SUPPORTED, { remedy: 'Send the text of the operation as `query`.' });
  }
  const { sha256Hash } = named as { readonly sha256Hash?: unknown };
  if (sha256Hash === hash('sha256', query)) return null;
  return badUserInput(
    'extensions.persistedQuery.sha256Hash: found what is not the SHA-256 of the text in hexadecimal.',
  );
}

/** The same for what comes over HTTP, before anything else is looked at. */
export function usePersistedQueries(): Plugin {
  return {
    onParams({ params }) {
      const refusal = checkPersistedQuery(params ?? {});
      if (refusal !== null) throw toGraphQLError(refusal);
    },
  };
}
