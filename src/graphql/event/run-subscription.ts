import { unauthenticated, unavailable } from '../../domain/request-error.ts';
import type { Context } from '../context.ts';
import { makeInterruptible } from '../make-interruptible.ts';
import type { LiveSubscription } from './subscription-state.ts';

/**
 * Runs the source of a subscription. It ends at once when the caller unsubscribes, with UNAUTHENTICATED when the
 * credential has ended, and with UNAVAILABLE at a restart. The subscription counts against its limits until it ends.
 *
 * @throws RATE_LIMITED when the caller or its address has the most subscriptions that are accepted.
 */
export function runSubscription<Item>(
  context: Context,
  run: (live: LiveSubscription) => AsyncGenerator<Item, void>,
): AsyncGenerator<Item, void> {
  const release = context.services.openCounts.countSubscription(context);
  const left = new AbortController();
  const watch = context.subscription.watchCredential();
  const signal = AbortSignal.any([watch.signal, left.signal]);
  // `release` runs even if the generator is never read, because the watch ends with the connection.
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
      if (context.subscription.isIncomplete) return;
    }
    if (!signal.aborted) throw unavailable('This node is shutting down. Subscribe again from the last cursor.');
  } catch (error) {
    // An error after the signal has aborted may be a consequence of that.
    if (!signal.aborted) throw error;
  } finally {
    left.abort();
  }
  if (watch.end !== null) {
    throw unauthenticated('The credential of this subscription has ended.', { outcome: watch.end });
  }
  if (watch.fault !== null) throw watch.fault;
}
