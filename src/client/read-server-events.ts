/** One event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads the events of a stream as they come. Comments give null, so that a reader knows that somebody is there. */
export async function* readServerEvents(body: NonNullable<Response['body']>): AsyncGenerator<ServerEvent | null> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    // A line may end in CR LF, and be cut between the two.
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield readBlock(block);
  }
}

function readBlock(block: string): ServerEvent | null {
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
