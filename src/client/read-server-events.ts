import { ClientError } from './client-error.ts';

/** An event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Length limit of an event in characters, about a thousand times the length of a log event. */
const EVENT_LENGTH_MAX = 1_000_000;

/**
 * Reads the events of a stream as they arrive. Yields null for comments, which show that the connection is alive.
 * Throws ClientError UNREADABLE for an event without an end.
 */
export async function* readServerEvents(body: NonNullable<Response['body']>): AsyncGenerator<ServerEvent | null> {
  let pending = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    // A line may end in CR LF, with a chunk boundary between the two.
    const blocks = (pending + text).replaceAll('\r\n', '\n').split('\n\n');
    pending = blocks.pop() ?? '';
    if (pending.length > EVENT_LENGTH_MAX)
      throw new ClientError('UNREADABLE', 'An event is longer than a million characters.');
    for (const block of blocks) yield parseBlock(block);
  }
}

function parseBlock(block: string): ServerEvent | null {
  const data: string[] = [];
  let event = 'message';
  let id: string | null = null;
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') data.push(value);
    if (name === 'event') event = value;
    if (name === 'id') id = value;
  }
  const isComment = data.length === 0 && event === 'message';
  return isComment ? null : { event, id, data: data.join('\n') };
}
