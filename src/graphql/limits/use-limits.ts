import { BREAK, GraphQLError, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { IncomingMessage } from 'node:http';
import { RequestError } from '../../domain/request-error.ts';
import { GRAPHQL_BODY_MAX } from '../../http/graphql-route.ts';
import { readAttachedBody } from '../../http/request-body.ts';
import { bulkListsIn, bulkPlacesOf, type BulkPlaces } from './bulk-lists.ts';
import { literalRefusal, variableRefusal } from './check-input.ts';
import { hasVariablePageSize } from './list-size.ts';
import { measureDocument } from './measure-document.ts';
import { measureNames, type Measures } from './measures.ts';
import { limits, createLimitError } from './limit-table.ts';
import { toGraphQLError } from '../mask-error.ts';

type Variables = { readonly [name: string]: unknown };

/**
 * Refuses operations that are over a limit or have malformed strings, before they are validated, authenticated or run.
 * HTTP, SSE and sockets all validate here. What depends on the document alone is computed once for each document.
 */
export function useLimits(): Plugin {
  /** The measures of documents; null: they depend on the variables. */
  const measured = new WeakMap<DocumentNode, Measures | null>();
  const withSoundLiterals = new WeakSet<DocumentNode>();
  const bulkPlaces = new WeakMap<DocumentNode, BulkPlaces>();

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

  function findBulkPlaces(document: DocumentNode): BulkPlaces {
    const cached = bulkPlaces.get(document);
    const places = cached ?? bulkPlacesOf(document);
    if (cached === undefined) bulkPlaces.set(document, places);
    return places;
  }

  /** Returns an error for each limit that the document exceeds with these variables, and for a malformed input. */
  function findRefusals(document: DocumentNode, schema: GraphQLSchema, variables: Variables): GraphQLError[] {
    const measures = measure(document, schema, variables);
    const over = measureNames
      .filter((limit) => measures[limit] > limits[limit].accepted)
      .map((limit) => createLimitError(limit, measures[limit]));
    const bulkLists = bulkListsIn(variables, findBulkPlaces(document));
    const refusal = findLiteralRefusal(document) ?? variableRefusal(variables, bulkLists);
    return refusal === null ? over : [...over, refusal];
  }

  return {
    onValidate({ params: { documentAST, schema }, context, setResult }) {
      const { params, req } = context as LimitedContext;
      const size = req === undefined ? 0 : readAttachedBody(req).length;
      if (size > GRAPHQL_BODY_MAX && findBulkPlaces(documentAST).size === 0) return setResult([createSizeError(size)]);
      const refusals = findRefusals(documentAST, schema, params?.variables ?? {});
      if (refusals.length > 0) setResult(refusals);
    },
  };
}

/** What the limits read of the context of an operation. */
interface LimitedContext {
  readonly params?: { readonly variables?: Variables | null };
  readonly req?: IncomingMessage;
}

/** Creates the error for a body that only a bulk mutation may have. It is that of the route for a body that is too long. */
function createSizeError(size: number): GraphQLError {
  const message = `The body has ${size} bytes; at most ${GRAPHQL_BODY_MAX} are accepted, except for bulk mutations.`;
  const { message: text, extensions } = toGraphQLError(new RequestError('BAD_USER_INPUT', message));
  return new GraphQLError(text, { extensions: { ...extensions, http: { status: 413, spec: false } } });
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
