import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { inputRefusal } from './check-input.ts';
import { measureDocument } from './measure-document.ts';
import { measureNames } from './measures.ts';
import { createLimitError } from './create-limit-error.ts';
import { limits } from './limit-table.ts';

type Variables = { readonly [name: string]: unknown };

/**
 * Refuses what is over a limit or holds what no text holds, before it is validated, authenticated or run, and by whatever
 * way it came: HTTP, SSE and sockets all validate here.
 */
export function useLimits(): Plugin {
  return {
    onValidate({ params: { documentAST, schema }, context, setResult }) {
      const { params } = context as { readonly params?: { readonly variables?: Variables | null } };
      const refusals = refusalsOf(documentAST, schema, params?.variables ?? {});
      if (refusals.length > 0) setResult(refusals);
    },
  };
}

/** One for each limit that the document is over with these variables. */
function refusalsOf(document: DocumentNode, schema: GraphQLSchema, variables: Variables): GraphQLError[] {
  const measures = measureDocument(document, schema, variables);
  const over = measureNames
    .filter((limit) => measures[limit] > limits[limit].accepted)
    .map((limit) => createLimitError(limit, measures[limit]));
  const refusal = inputRefusal(document, variables);
  return refusal === null ? over : [...over, refusal];
}
