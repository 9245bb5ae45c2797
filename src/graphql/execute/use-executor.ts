import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { executeOperation, subscribeToOperation } from './execute-operation.ts';

/** Executes all operations with our executor. It must be the first plugin: others wrap the function that it sets. */
export function useExecutor(): Plugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => executeOperation(args));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => subscribeToOperation(args));
    },
  };
}
