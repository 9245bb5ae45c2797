/** How long a caller waits for an answer before it asks again. */
export const PATIENCE_MS = 2_000;

/** What a node answered: what the one field of the operation gave, or the code of what stopped it. */
export type NodeResponse = { readonly value: any } | { readonly code: string };

/** Asks a node as a careful caller does. NO_ANSWER: none came in time, or the connection was lost. Never rejects. */
export async function askNode(
  { url }: { readonly url: string },
  query: string,
  input: object,
  credential: string | null,
  patienceMs = PATIENCE_MS,
): Promise<NodeResponse> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify({ query, variables: { input } }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const { data, errors } = (await response.json()) as {
      data?: Record<string, unknown> | null;
      errors?: readonly { readonly extensions?: { readonly code?: string } }[];
    };
    const code = errors?.[0]?.extensions?.code;
    const [value] = Object.values(data ?? {});
    // An operation that was refused for want of knowledge has to say so to whoever looks at the status alone, too. The change
    // may be made while a part of the response could not be read: the same request, sent again, returns all of it.
    if (code === 'UNAVAILABLE' && response.status !== 503 && value == null)
      return { code: `UNAVAILABLE with ${response.status}` };
    if (errors !== undefined) return { code: code ?? 'NO_CODE' };
    // A node with too much to do refuses a request before it reads it: with 503, and without a result.
    if (data === undefined)
      return { code: response.status === 503 ? 'UNAVAILABLE' : `NO_RESULT with ${response.status}` };
    return { value };
  } catch {
    return { code: 'NO_ANSWER' };
  }
}
