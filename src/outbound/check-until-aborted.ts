import type { AddressCheck, SsrfGuard } from './ssrf-guard.ts';

/** What is found of a URL's addresses; null: the signal aborted before, whoever was asked. */
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
