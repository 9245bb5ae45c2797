import { BREAK, visit, type DocumentNode, type GraphQLError, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { literalRefusal, variableRefusal } from './check-input.ts';
import { hasVariablePageSize } from './list-size.ts';
import { measureDocument } from './measure-document.ts';
import { measureNames, type Measures } from './measures.ts';
import { limits, createLimitError } from './limit-table.ts';

type Variables = { readonly [name: string]: unknown };

/**
 * Refuses operations that are over a limit or have malformed strings, before they are validated, authenticated or run.
 * HTTP, SSE and sockets all validate here. What depends on the document alone is computed once for each document.
 */
export function useLimits(): Plugin {
  /** The measures of documents; null: they depend on the variables. */
  const measured = new WeakMap<DocumentNode, Measures | null>();
  const withSoundLiterals = new WeakSet<DocumentNode>();

  function measure(document: DocumentNode, schema: GraphQLSchema, variables: Variables): Measures {
    const cached = measured.get(document);
    if (cached != null) return cached;
    const measures = measureDocument(document, schema, variables);
    if (cached === undefined) measured.set(document, dependsOnVariables(document) ? null : measures);
    return measures;
  }

  function findLiteralRefusal(document: DocumentNode): GraphQLError | null {
    if (withSoundLiterals.has(document)) return null;
    const refusal = literalRefusal(document);
    if (refusal === null) withSoundLiterals.add(document);
    return refusal;
  }

  /** Returns an error for each limit that the document exceeds with these variables, and for a malformed input. */
  function findRefusals(document: DocumentNode, schema: GraphQLSchema, variables: Variables): GraphQLError[] {
    const measures = measure(document, schema, variables);
    const over = measureNames
      .filter((limit) => measures[limit] > limits[limit].accepted)
      .map((limit) => createLimitError(limit, measures[limit]));
    const refusal = findLiteralRefusal(document) ?? variableRefusal(variables);
    return refusal === null ? over : [...over, refusal];
  }

  return {
    onValidate({ params: { documentAST, schema }, context, setResult }) {
      const { params } = context as { readonly params?: { readonly variables?: Variables | null } };
      const refusals = findRefusals(documentAST, schema, params?.variables ?? {});
      if (refusals.length > 0) setResult(refusals);
    },
  };
}

/** Whether the measures of a document depend on its variables: one of them is the size of a page. */
function dependsOnVariables(document: DocumentNode): boolean {
  let depends = false;
  visit(document, {
    Field(field) {
      depends ||= hasVariablePageSize(field);
      return depends ? BREAK : undefined;
    },
  });
  return depends;
}
