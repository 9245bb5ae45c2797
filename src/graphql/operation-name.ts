import type { Plugin } from 'graphql-yoga';

/** Returns the name of the operation to run. An empty name counts as absent, however the operation is sent. */
export function operationNameOf(given: string | null | undefined): string | undefined {
  return given === null || given === '' ? undefined : given;
}

/**
 * Drops an empty operation name from requests over HTTP. Without this, Yoga would drop it from a GET, but look for an
 * operation with an empty name in a POST.
 */
export function useOperationName(): Plugin {
  return {
    onParams({ params, setParams }) {
      const { operationName, ...others } = params ?? {};
      if (operationName === '') setParams(others);
    },
  };
}
