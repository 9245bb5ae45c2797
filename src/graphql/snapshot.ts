import { Kind, type ExecutionArgs, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context, Reader } from './context.ts';

/** How long a query may hold its snapshot. */
const SNAPSHOT_MAX_MS = 20_000;

/**
 * Reads a query that asks for logCursor in one snapshot of the database, so that what it answers is exactly the state that
 * the log up to that cursor tells of.
 */
export function useSnapshot(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      if (!selectsLogCursor(args as ExecutionArgs)) return;
      setExecuteFn((inner: ExecutionArgs) => {
        const context = inner.contextValue as Context;
        return context.services.prisma.$transaction(
          (tx) => executeFn({ ...inner, contextValue: withReader(context, tx) }),
          { isolationLevel: 'RepeatableRead', timeout: SNAPSHOT_MAX_MS, maxWait: SNAPSHOT_MAX_MS },
        );
      });
    },
  };
}

/** The same context, reading elsewhere. */
function withReader(context: Context, db: Reader): Context {
  return Object.create(context, { db: { value: db, enumerable: true } }) as Context;
}

/** Whether a query's own selection names logCursor. In a fragment it may stand too: any mention counts, and each is looked at once. */
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
