/** The one-time code of a portal session: a prefix, and the digits of a secret. */
const codeShape = /^ktc_[0-9A-Za-z]{49}$/;

/**
 * Takes the one-time code of a portal session out of the address of the page, and out of its history. Null: the address has
 * none. The fragment is in no request, so that no server has seen it.
 */
export function takeCode(): string | null {
  const { hash, pathname, search } = window.location;
  const code = new URLSearchParams(hash.slice(1)).get('code');
  if (code === null || !codeShape.test(code)) return null;
  window.history.replaceState(window.history.state, '', pathname + search);
  return code;
}

/** Exchanges a code for the token of its session, once. Null: the gateway refuses it. Throws if the gateway cannot be reached. */
export async function exchangeCode(gateway: string, code: string): Promise<string | null> {
  const response = await fetch(`${gateway}/portal-session`, {
    method: 'POST',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The gateway answered ${String(response.status)}.`);
  const { token } = (await response.json()) as { readonly token: string };
  return token;
}
