import { Kind, type ExecutionArgs, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from './context.ts';

/** The longest time that a query may hold its snapshot. */
const SNAPSHOT_MAX_MS = 20_000;

/**
 * Runs a query that selects logCursor in one snapshot of the database. Its result is then exactly the state that the
 * log describes up to that cursor.
 */
export function useSnapshot(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      if (!selectsLogCursor(args as ExecutionArgs)) return;
      setExecuteFn((inner: ExecutionArgs) => {
        const context = inner.contextValue as Context;
        return context.services.prisma.$transaction(
          (tx) => executeFn({ ...inner, contextValue: { ...context, db: tx } satisfies Context }),
          { isolationLevel: 'RepeatableRead', timeout: SNAPSHOT_MAX_MS, maxWait: SNAPSHOT_MAX_MS },
        );
      });
    },
  };
}

/** Whether the top level of a query selects logCursor, directly or through fragments. Each fragment is visited once. */
function selectsLogCursor({ document, operationName }: ExecutionArgs): boolean {
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      (operationName == null || definition.name?.value === operationName),
  );
  if (operation?.operation !== 'query') return false;
  const seen = new Set<string>();
  const isCursor = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return selection.name.value === 'logCursor';
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections.some(isCursor);
    const name = selection.name.value;
    if (seen.has(name)) return false;
    seen.add(name);
    return document.definitions.some(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === name &&
        definition.selectionSet.selections.some(isCursor),
    );
  };
  return operation.selectionSet.selections.some(isCursor);
}
