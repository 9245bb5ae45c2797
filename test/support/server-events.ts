import { onTestFinished } from 'vitest';
import type { Gateway } from './gateway.ts';

/** One event of a stream, field by field as it was sent. */
export interface ServerEvent {
  readonly event: string | null;
  readonly id: string | null;
  /** Null: empty. */
  readonly data: any;
}

/** A stream of server-sent events, and all that came of it so far. */
export interface ServerEvents {
  readonly blocks: readonly ServerEvent[];
  readonly status: Promise<number>;
  /** Resolves when something is so of what came; rejects when the stream ends before. */
  until(isSo: () => boolean): Promise<void>;
  readonly ended: Promise<void>;
  leave(): void;
}

/** Asks for a stream by hand; with what a reader that was cut off says of the event that it had last. */
export function serverEvents(
  { url }: Pick<Gateway, 'url'>,
  credential: string,
  operation: { readonly query: string; readonly variables?: object },
  lastEventId: string | null = null,
): ServerEvents {
  const left = new AbortController();
  onTestFinished(() => left.abort());
  const blocks: ServerEvent[] = [];
  const looks = new Set<() => void>();
  const opened = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      Accept: 'text/event-stream',
      'Content-Type': 'application/json',
      Authorization: `Bearer ${credential}`,
      ...(lastEventId === null ? {} : { 'Last-Event-ID': lastEventId }),
    },
    body: JSON.stringify(operation),
    signal: left.signal,
  });
  const read = async () => {
    let rest = '';
    for await (const text of (await opened).body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop() ?? '';
      blocks.push(...parts.filter((part) => part !== ':').map(readBlock));
      for (const look of looks) look();
    }
  };
  const ended = read().catch(() => undefined);
  return {
    blocks,
    ended,
    status: opened.then(({ status }) => status),
    leave: () => left.abort(),
    async until(isSo) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => isSo() && resolve();
      looks.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended with ${JSON.stringify(blocks.at(-1))}`)));
      await promise.finally(() => looks.delete(look));
    },
  };
}

function readBlock(block: string): ServerEvent {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      return [name, value];
    }),
  );
  const data = fields.get('data') ?? '';
  return {
    event: fields.get('event') ?? null,
    id: fields.get('id') ?? null,
    data: data === '' ? null : JSON.parse(data),
  };
}
