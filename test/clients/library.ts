import type { Gateway } from '../support/gateway.ts';

/** The result of an operation, as the client library reports it. */
export interface OperationOutcome {
  readonly data: any;
  /** The codes of the GraphQL errors. */
  readonly codes: readonly string[];
}

/** What a subscription has received. */
export interface SubscriptionLog {
  readonly results: OperationOutcome[];
  /** How the subscription ended: by itself, or with the error that the library reported. Null: it has not. */
  end: 'COMPLETE' | { readonly code: number; readonly reason: string } | { readonly codes: readonly string[] } | null;
  /** Unsubscribes. */
  leave(): void;
}

/** A client of the library, set up as its documentation says. */
export interface Client {
  ask(query: string, variables?: Record<string, unknown>): Promise<OperationOutcome>;
  subscribe(query: string, variables?: Record<string, unknown>): SubscriptionLog;
  close(): unknown;
}

/** A client library. `credential` is called at each connection. */
export interface Library {
  readonly name: string;
  /** The transport of its subscriptions. */
  readonly over: 'SOCKET' | 'SSE';
  connect(gateway: Pick<Gateway, 'url'>, credential: () => string): Client;
}

export const codesOf = (errors: readonly { readonly extensions?: object | undefined }[] | undefined): string[] =>
  (errors ?? []).map(({ extensions }) => String((extensions as { code?: unknown } | undefined)?.code));

/** Creates an empty log, which the client fills. */
export function newSubscriptionLog(): SubscriptionLog {
  return { results: [], end: null, leave: () => undefined };
}

/** Converts the error of graphql-ws that ended a subscription: GraphQL errors, or the close of the socket. */
export function endOf(error: unknown): NonNullable<SubscriptionLog['end']> {
  if (Array.isArray(error)) return { codes: codesOf(error) };
  const { code, reason } = error as { code: number; reason: string };
  return { code, reason };
}

export const socketUrl = ({ url }: Pick<Gateway, 'url'>): string => `${url.replace('http', 'ws')}/graphql`;
