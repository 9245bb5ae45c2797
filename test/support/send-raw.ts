import { connect } from 'node:net';

/** A response as its bytes arrived: `body` is without the framing of chunks. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether everything that was announced has arrived. */
  readonly isWhole: boolean;
}

/** One request, byte by byte. */
export interface RawRequest {
  readonly method?: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

/**
 * Sends a request, closes the sending side at once (shutdown(SHUT_WR)) unless told otherwise, and reads to the end. `onData` is
 * called with all that has come so far.
 */
export function sendRaw(
  port: number,
  request: RawRequest,
  { isHalfClosed = true, onData = (_received: string): void => undefined } = {},
): Promise<RawResponse> {
  const { method = 'GET', target, headers = [], body } = request;
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: keytide.test',
    ...(isHalfClosed ? [] : ['Connection: close']),
    ...(body === undefined ? [] : [`Content-Length: ${String(bytes.length)}`]),
    ...headers,
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]));
      if (isHalfClosed) socket.end();
    });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      onData(Buffer.concat(chunks).toString('latin1'));
    });
    socket.on('error', reject);
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(parseResponse(Buffer.concat(chunks))));
  });
}

function parseResponse(bytes: Buffer): RawResponse {
  const text = bytes.toString('latin1');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
  const length = headers.get('content-length');
  const isChunked = headers.get('transfer-encoding') === 'chunked';
  return {
    status: Number(start.split(' ')[1]),
    headers,
    body: Buffer.from(isChunked ? unchunk(content) : content, 'latin1').toString('utf8'),
    isWhole: isChunked ? content.endsWith('0\r\n\r\n') : length !== null && Number(length) === content.length,
  };
}

function unchunk(content: string): string {
  let [rest, whole] = [content, ''];
  for (;;) {
    const [, size = '0'] = /^([\da-f]+)\r\n/i.exec(rest) ?? [];
    const from = size.length + 2;
    const length = Number.parseInt(size, 16);
    if (length === 0) return whole;
    whole += rest.slice(from, from + length);
    rest = rest.slice(from + length + 2);
  }
}
