/** Sends no cookie: on the gateway’s own origin it would be that of another person, who is signed in to the console. */
export function withToken(init: RequestInit | undefined, token: string | null): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set('Authorization', `Bearer ${token ?? ''}`);
  return { ...init, headers, credentials: 'omit' };
}

export async function outcomeOfResponse(response: Response): Promise<unknown> {
  const { errors } = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { readonly errors?: readonly { readonly extensions?: { readonly outcome?: unknown } }[] };
  return errors?.[0]?.extensions?.outcome;
}

/** A browser does not tell a page whether it was refused by its origin. */
export function whyUnreachable(): string {
  return `The gateway cannot be reached, or portalOrigins of the realm does not name ${window.location.origin}.`;
}

export function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message : 'The page could not get a session.';
}
