import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RequestError, unauthenticated, unavailable } from '../../domain/request-error.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import type { Context } from '../context.ts';
import type { CredentialWatch } from '../credential-watch.ts';
import { makeInterruptible } from '../make-interruptible.ts';

/** The conditions that a subscription runs under. */
export interface LiveSubscription {
  readonly watch: CredentialWatch;
  /** Aborts when the credential has ended, the connection has closed or the caller has unsubscribed. */
  readonly signal: AbortSignal;
}

/** Contexts of subscriptions whose last result was incomplete because the database was unavailable. */
const brokenContexts = new WeakSet<object>();

/**
 * Runs the source of a subscription. It ends at once when the caller unsubscribes, with UNAUTHENTICATED when the
 * credential has ended, and with UNAVAILABLE at a restart. `context.caller` becomes the caller as of the last
 * authentication. The subscription counts against its limits until it ends.
 *
 * @throws RATE_LIMITED when the caller or its address has the most subscriptions that are accepted.
 */
export function runSubscription<Item>(
  context: Context,
  run: (live: LiveSubscription) => AsyncGenerator<Item, void>,
): AsyncGenerator<Item, void> {
  const release = context.services.openCounts.countSubscription(context);
  const left = new AbortController();
  const watch = context.watchCredential();
  Object.defineProperty(context, 'caller', { get: () => watch.caller });
  const signal = AbortSignal.any([watch.signal, left.signal]);
  // Runs even if the generator is never read, because the watch ends with the connection.
  if (signal.aborted) release();
  else signal.addEventListener('abort', release);
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
    if (!signal.aborted) throw unavailable('This node is shutting down. Subscribe again from the last cursor.');
  } catch (error) {
    // An error after the end may be a consequence of it.
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
 * Ends a subscription whose result is incomplete because the database went away. The last result has no data and the
 * error UNAVAILABLE, so that the caller resumes from the cursor before it.
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
