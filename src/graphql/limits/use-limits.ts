import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { inputRefusal } from './check-input.ts';
import { measureDocument } from './measure-document.ts';
import { measureNames } from './measures.ts';
import { limits, createLimitError } from './limit-table.ts';

type Variables = { readonly [name: string]: unknown };

/**
 * Refuses operations that are over a limit or have malformed strings, before they are validated, authenticated or run.
 * HTTP, SSE and sockets all validate here.
 */
export function useLimits(): Plugin {
  return {
    onValidate({ params: { documentAST, schema }, context, setResult }) {
      const { params } = context as { readonly params?: { readonly variables?: Variables | null } };
      const refusals = findRefusals(documentAST, schema, params?.variables ?? {});
      if (refusals.length > 0) setResult(refusals);
    },
  };
}

/** Returns an error for each limit that the document exceeds with these variables, and for a malformed input. */
function findRefusals(document: DocumentNode, schema: GraphQLSchema, variables: Variables): GraphQLError[] {
  const measures = measureDocument(document, schema, variables);
  const over = measureNames
    .filter((limit) => measures[limit] > limits[limit].accepted)
    .map((limit) => createLimitError(limit, measures[limit]));
  const refusal = inputRefusal(document, variables);
  return refusal === null ? over : [...over, refusal];
}
