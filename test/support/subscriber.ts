import type { Client } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import type { Gateway } from './gateway.ts';

/** One answer of a subscription. */
export interface Result {
  readonly data?: Record<string, any> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, any> }[];
}

/** How a subscription came to its end: completed, refused before it began, or cut off with the socket's code. */
export type SubscriptionEnd =
  | { readonly kind: 'COMPLETE' }
  | { readonly kind: 'REFUSED'; readonly errors: NonNullable<Result['errors']> }
  | { readonly kind: 'CLOSED'; readonly code: number; readonly reason: string };

/** A subscription as a caller has it, and all that came so far. */
export interface Subscriber {
  readonly results: Result[];
  /** What the one field of the subscription gave, without the results that are errors. */
  items(): any[];
  /** Resolves when something is so of what came; it is looked at with each result. */
  until(isSo: (items: any[], results: Result[]) => boolean): Promise<void>;
  readonly ended: Promise<SubscriptionEnd>;
  /** Leaves. */
  leave(): void;
}

class CollectingSubscriber implements Subscriber {
  readonly results: Result[] = [];
  readonly ended: Promise<SubscriptionEnd>;
  leave: () => void = () => undefined;
  readonly #end = Promise.withResolvers<SubscriptionEnd>();
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.ended = this.#end.promise;
  }

  items(): any[] {
    return this.results.flatMap(({ data }) => (data == null ? [] : Object.values(data)));
  }

  add(result: Result): void {
    this.results.push(result);
    for (const look of this.#waiting) look();
  }

  finish(end: SubscriptionEnd): void {
    this.#end.resolve(end);
  }

  async until(isSo: (items: any[], results: Result[]) => boolean): Promise<void> {
    if (isSo(this.items(), this.results)) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo(this.items(), this.results)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
}

/** Subscribes over a socket. */
export function subscribe(client: Client, query: string, variables: Record<string, unknown> = {}): Subscriber {
  const collected = new CollectingSubscriber();
  collected.leave = client.subscribe(
    { query, variables },
    {
      next: (result) => collected.add(result as unknown as Result),
      complete: () => collected.finish({ kind: 'COMPLETE' }),
      error: (error) => {
        if (Array.isArray(error)) collected.finish({ kind: 'REFUSED', errors: error });
        else {
          const { code, reason } = error as { code: number; reason: string };
          collected.finish({ kind: 'CLOSED', code, reason });
        }
      },
    },
  );
  return collected;
}

/** Subscribes over server-sent events. */
export function listen(
  gateway: Pick<Gateway, 'url'>,
  credential: string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Subscriber & { readonly opened: Promise<Response> } {
  const collected = new CollectingSubscriber();
  const left = new AbortController();
  collected.leave = () => left.abort();
  onTestFinished(() => left.abort());
  const opened = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
      ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: left.signal,
  });
  void opened.then((response) => readEvents(response, collected)).catch(() => cutConnection(collected));
  return Object.assign(collected, { opened });
}

/** Reads what the distinct connections mode of GraphQL over SSE sends: `next` with a result, and `complete`. */
async function readEvents(response: Response, collected: CollectingSubscriber): Promise<void> {
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/:\s?(.*)/s, 2) as [string, string]));
      if (fields.get('event') === 'next') collected.add(JSON.parse(fields.get('data') ?? '') as Result);
      if (fields.get('event') === 'complete') return collected.finish({ kind: 'COMPLETE' });
    }
  }
  cutConnection(collected);
}

function cutConnection(collected: CollectingSubscriber): void {
  collected.finish({ kind: 'CLOSED', code: 0, reason: 'the response was cut off' });
}
