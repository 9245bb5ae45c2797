import { ClientError } from './client-error.ts';

/** One event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** The longest that an event may be, in characters: a thousand times what one of the log has. */
const EVENT_LENGTH_MAX = 1_000_000;

/** Reads the events of a stream as they come. Comments give null, so that a reader knows that somebody is there. Throws ClientError UNREADABLE for one without an end. */
export async function* readServerEvents(body: NonNullable<Response['body']>): AsyncGenerator<ServerEvent | null> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    // A line may end in CR LF, and be cut between the two.
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > EVENT_LENGTH_MAX)
      throw new ClientError('UNREADABLE', 'An event has no end: more than a million characters.');
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
