import { hash } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import { badUserInput, RequestError } from '../domain/request-error.ts';
import { toGraphQLError } from './mask-error.ts';

/** The parts of a GraphQL request, over HTTP or a socket, that matter here. */
interface OperationRequest {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** On this message Apollo Client and urql send the text, and stop sending hashes. */
const NOT_SUPPORTED = 'PersistedQueryNotSupported';

/**
 * Returns why a request with a persisted query is refused, or null. The gateway stores no operations: a hash without
 * text is refused with the message that clients of automatic persisted queries understand, and a text is refused under
 * a hash that is not its own.
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
    'extensions.persistedQuery.sha256Hash: found another value; expected the SHA-256 of `query` in hexadecimal.',
  );
}

/** Refuses persisted queries over HTTP, before the request is parsed any further. */
export function usePersistedQueries(): Plugin {
  return {
    onParams({ params }) {
      const refusal = checkPersistedQuery(params ?? {});
      if (refusal !== null) throw toGraphQLError(refusal);
    },
  };
}
