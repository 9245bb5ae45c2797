import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * The status of an answer follows its errors, and two rules of GraphQL over HTTP: one that has data is 200, whatever errors
 * stand beside it and say what is missing; a document that is malformed is 200 for whoever asked for application/json. What
 * is refused for any other reason has its own status, for them too.
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
