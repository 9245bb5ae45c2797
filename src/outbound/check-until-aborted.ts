import type { AddressCheck, SsrfGuard } from './ssrf-guard.ts';

/** Checks a URL's addresses; returns null if the signal aborts first. */
export function checkUntilAborted(
  addresses: SsrfGuard,
  url: string,
  signal: AbortSignal,
): Promise<AddressCheck | null> {
  return Promise.race([addresses.check(url), aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
