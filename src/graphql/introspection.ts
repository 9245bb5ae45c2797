import { BREAK, visit, type DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { unauthenticated } from '../domain/request-error.ts';
import type { Context } from './context.ts';
import { toGraphQLError } from './mask-error.ts';

/**
 * Restricts introspection to authenticated callers (by session or key); in open mode anyone may introspect. A refused
 * operation does not run at all. Sockets need no check here, because they open only for authenticated callers.
 */
export function useIntrospection({ isOpen }: { readonly isOpen: boolean }): Plugin<Context> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { caller } = args.contextValue as Context;
      if (isOpen || caller.kind !== 'ANONYMOUS' || !selectsSchema(args.document as DocumentNode)) return;
      const refusal = unauthenticated(
        'Introspection requires authentication. Send Authorization: Bearer <session token or key secret>.',
      );
      setResultAndStopExecution({ errors: [toGraphQLError(refusal)] });
    },
  };
}

/** Whether a document selects `__schema` or `__type` anywhere, also in a fragment that is not used. */
function selectsSchema(document: DocumentNode): boolean {
  let isSelected = false;
  visit(document, {
    Field({ name: { value } }) {
      isSelected = value === '__schema' || value === '__type';
      return isSelected ? BREAK : undefined;
    },
  });
  return isSelected;
}
