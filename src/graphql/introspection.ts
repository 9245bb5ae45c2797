import { BREAK, visit, type DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { unauthenticated } from '../domain/request-error.ts';
import type { Context } from './context.ts';
import { toGraphQLError } from './mask-error.ts';

/**
 * Lets whoever is signed in, by a session or a key, ask what the schema holds; in open mode anyone. Refused before anything
 * of the operation is run. Sockets are opened by who is signed in alone.
 */
export function useIntrospection({ isOpen }: { readonly isOpen: boolean }): Plugin<Context> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { caller } = args.contextValue as Context;
      if (isOpen || caller.kind !== 'ANONYMOUS' || !selectsSchema(args.document as DocumentNode)) return;
      const refusal = unauthenticated('The schema is shown to who is signed in: Authorization: Bearer <…>.');
      setResultAndStopExecution({ errors: [toGraphQLError(refusal)] });
    },
  };
}

/** Any mention counts, wherever it stands. */
function selectsSchema(document: DocumentNode): boolean {
  let isAsked = false;
  visit(document, {
    Field({ name: { value } }) {
      isAsked = value === '__schema' || value === '__type';
      return isAsked ? BREAK : undefined;
    },
  });
  return isAsked;
}
