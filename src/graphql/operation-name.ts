import type { Plugin } from 'graphql-yoga';

/** Returns the name of the operation to run. An empty name counts as absent, however the operation is sent. */
export function operationNameOf(given: string | null | undefined): string | undefined {
  return given === null || given === '' ? undefined : given;
}

/** Applies the same rule to operations over HTTP: Yoga drops an empty name from a GET and looks for it in a POST. */
export function useOperationName(): Plugin {
  return {
    onParams({ params, setParams }) {
      const { operationName, ...others } = params ?? {};
      if (operationName === '') setParams(others);
    },
  };
}
