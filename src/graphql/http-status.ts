import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Sets the HTTP status of a response by the rules of GraphQL over HTTP. A response with data is 200, also if errors say
 * that a part is missing. A malformed document is 200 under application/json. Every other refusal has the status of its
 * code under any type.
 */
export function useHttpStatus(): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || Symbol.asyncIterator in result) return;
      const { data, errors } = result as { readonly data?: unknown; readonly errors?: readonly GraphQLError[] };
      if (errors === undefined) return;
      if (data != null) return setResult({ ...result, errors: errors.map(withoutStatus) });
      for (const { extensions } of errors) {
        const { code, http } = extensions as { readonly code?: string; readonly http?: { spec?: boolean } };
        if (code !== 'BAD_USER_INPUT' && http !== undefined) http.spec = false;
      }
    },
  };
}

function withoutStatus(error: GraphQLError): GraphQLError {
  const { nodes, source, positions, path, message } = error;
  const { http: _http, ...extensions } = error.extensions;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
