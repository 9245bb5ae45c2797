import type { Gateway } from '../support/gateway.ts';

/** What an operation came to, as its client tells it. */
export interface OperationOutcome {
  readonly data: any;
  /** The codes of the GraphQL errors. */
  readonly codes: readonly string[];
}

/** What a subscription's client was told. */
export interface SubscriptionLog {
  readonly results: OperationOutcome[];
  /** How it came to its end: by itself, or as the client put it. */
  end: 'COMPLETE' | { readonly code: number; readonly reason: string } | { readonly codes: readonly string[] } | null;
  /** Leaves. */
  leave(): void;
}

/** A library that callers use, set up as its documentation says. */
export interface Client {
  ask(query: string, variables?: Record<string, unknown>): Promise<OperationOutcome>;
  subscribe(query: string, variables?: Record<string, unknown>): SubscriptionLog;
  close(): unknown;
}

/** How a library is set up; what it connects with is asked for at each connection. */
export interface Library {
  readonly name: string;
  /** What its subscriptions go over. */
  readonly over: 'SOCKET' | 'SSE';
  connect(gateway: Pick<Gateway, 'url'>, credential: () => string): Client;
}

export const codesOf = (errors: readonly { readonly extensions?: object | undefined }[] | undefined): string[] =>
  (errors ?? []).map(({ extensions }) => String((extensions as { code?: unknown } | undefined)?.code));

/** What came to a subscription, filled by its client. */
export function newSubscriptionLog(): SubscriptionLog {
  return { results: [], end: null, leave: () => undefined };
}

/** How a client of graphql-ws ends a subscription: refused with errors, or with the socket's close. */
export function endOf(error: unknown): NonNullable<SubscriptionLog['end']> {
  if (Array.isArray(error)) return { codes: codesOf(error) };
  const { code, reason } = error as { code: number; reason: string };
  return { code, reason };
}

export const socketUrl = ({ url }: Pick<Gateway, 'url'>): string => `${url.replace('http', 'ws')}/graphql`;
