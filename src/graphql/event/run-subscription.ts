import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RequestError, unauthenticated, unavailable } from '../../domain/request-error.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import type { Context } from '../context.ts';
import type { CredentialWatch } from '../credential-watch.ts';
import { makeInterruptible } from '../make-interruptible.ts';

/** What a subscription runs under. */
export interface LiveSubscription {
  readonly watch: CredentialWatch;
  /** Aborts when the credential has ended, the connection is closed or the caller has left. */
  readonly signal: AbortSignal;
}

/** Subscriptions whose last result could not be read whole. */
const brokenContexts = new WeakSet<object>();

/**
 * A subscription's source. It ends at once when the caller leaves, also while it waits; with UNAUTHENTICATED when the
 * credential has ended, with UNAVAILABLE at a restart. From its start on `context.caller` is who asks as of the last proof.
 * Throws RATE_LIMITED when the caller or its address has as many as may be; it counts until it is over, in whatever way.
 */
export function runSubscription<Item>(
  context: Context,
  run: (live: LiveSubscription) => AsyncGenerator<Item, void>,
): AsyncGenerator<Item, void> {
  const close = context.services.openCounts.countSubscription(context);
  const left = new AbortController();
  const watch = context.watchCredential();
  Object.defineProperty(context, 'caller', { get: () => watch.caller });
  const signal = AbortSignal.any([watch.signal, left.signal]);
  // Also when nobody ever reads it: the watch ends with the connection.
  if (signal.aborted) close();
  else signal.addEventListener('abort', close);
  const items = runUntilEnd(context, { watch, signal }, left, run);
  return makeInterruptible(
    () => items.next(),
    () => {
      left.abort();
      return items.return();
    },
  );
}

async function* runUntilEnd<Item>(
  context: Context,
  { watch, signal }: LiveSubscription,
  left: AbortController,
  run: (live: LiveSubscription) => AsyncGenerator<Item, void>,
): AsyncGenerator<Item, void> {
  try {
    for await (const item of run({ watch, signal })) {
      yield item;
      if (brokenContexts.has(context)) return;
    }
    if (!signal.aborted) throw unavailable('This node stops. Subscribe again, from the last cursor.');
  } catch (error) {
    // What was under way when it ended may have failed because of that.
    if (!signal.aborted) throw error;
  } finally {
    left.abort();
  }
  if (watch.end !== null) {
    throw unauthenticated('The credential of this subscription has ended.', { outcome: watch.end });
  }
  if (watch.fault !== null) throw watch.fault;
}

/**
 * A result of a subscription that could not be read whole, because the database went away under it, is its last: without
 * data and with UNAVAILABLE, so that the caller goes on from the cursor before it.
 */
export function useEndOnUnavailable(): Plugin<Context> {
  return {
    onSubscribe: () => ({
      onSubscribeResult: ({ args }) => ({
        onNext({ result, setResult }) {
          const errors = (result as ExecutionResult).errors?.filter(isUnavailableError) ?? [];
          if (errors.length === 0) return;
          brokenContexts.add((args as ExecutionArgs).contextValue as Context);
          setResult({ data: null, errors });
        },
      }),
    }),
  };
}

function isUnavailableError({ originalError }: GraphQLError): boolean {
  return originalError instanceof RequestError
    ? originalError.code === 'UNAVAILABLE'
    : originalError !== undefined && isUnavailable(originalError);
}
