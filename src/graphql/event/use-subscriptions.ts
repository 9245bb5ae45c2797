import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RequestError } from '../../domain/request-error.ts';
import { encodeCursor } from '../../log/cursor.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import type { Context } from '../context.ts';

/**
 * Gives each subscription a context whose `caller` is as of the last authentication, and completes its results.
 *
 * If a result is incomplete because the database went away, the subscription ends: the last result has no data and the
 * error UNAVAILABLE, so that the caller resumes from the cursor before it. Over SSE, the id of each message is the
 * cursor of its event. A result without data gets no id, so that a client that got an error instead of an event resumes
 * from the event before it.
 */
export function useSubscriptions(): Plugin<Context> {
  return {
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) =>
        subscribeFn({ ...args, contextValue: withLiveCaller(args.contextValue as Context) }),
      );
      return {
        onSubscribeResult: ({ args }) => ({
          onNext({ result, setResult }) {
            const { subscription } = (args as ExecutionArgs).contextValue as Context;
            const { currentEvent, shared } = subscription;
            const { data, errors } = result as ExecutionResult;
            const unavailable = errors?.filter(isUnavailableError) ?? [];
            if (unavailable.length > 0) {
              subscription.isIncomplete = true;
              return setResult({ data: null, errors: unavailable });
            }
            const isOverSocket = shared !== undefined;
            if (isOverSocket || currentEvent === null || data == null) return;
            // Yoga writes `data: ` before this text and an empty line after it, so the id becomes a field of the same
            // event.
            const id = `\nid: ${encodeCursor(currentEvent.position)}`;
            setResult({
              ...result,
              stringify: (whole: ExecutionResult) => JSON.stringify(whole) + id,
            } as ExecutionResult);
          },
        }),
      };
    },
  };
}

function withLiveCaller(context: Context): Context {
  return {
    ...context,
    get caller() {
      return context.subscription.liveCaller ?? context.caller;
    },
  };
}

function isUnavailableError({ originalError }: GraphQLError): boolean {
  return originalError instanceof RequestError
    ? originalError.code === 'UNAVAILABLE'
    : originalError !== undefined && isUnavailable(originalError);
}
