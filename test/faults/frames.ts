import { Transform } from 'node:stream';

const UPGRADED = 'HTTP/1.1 101';

/** How often a message that carries an event goes through as it should, before one does not. */
const EVERY = 12;

/**
 * What comes back over a line, with each so many messages of a WebSocket that carry an event sent as often as said: 0, lost;
 * 2, doubled. Servers send frames without a mask (RFC 6455, section 5.1), and small ones whole.
 */
export function sendSome(times: 0 | 2): Transform {
  let rest = Buffer.alloc(0);
  let isSocket = false;
  let count = 0;
  const nextLength = (bytes: Buffer) => {
    if (isSocket) return frameLength(bytes);
    isSocket = bytes.subarray(0, UPGRADED.length).toString() === UPGRADED;
    return isSocket ? headLength(bytes) : bytes.length;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest = Buffer.concat([rest, chunk]);
      for (let length = nextLength(rest); length <= rest.length && length > 0; length = nextLength(rest)) {
        const part = rest.subarray(0, length);
        rest = rest.subarray(length);
        const isEvent = isSocket && part.includes('"type":"next"');
        if (isEvent) count += 1;
        for (let sent = 0; sent < (isEvent && count % EVERY === 0 ? times : 1); sent += 1) this.push(part);
      }
      done();
    },
  });
}

/** What comes back, with one word of answers in the place of another one that is as long. */
export function replaceWord(word: string, by: string): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) =>
      done(null, Buffer.from(chunk.toString('latin1').replaceAll(word, by), 'latin1')),
  });
}

/** Of the answer to the upgrade. It is one write of the server's. */
function headLength(bytes: Buffer): number {
  return bytes.indexOf('\r\n\r\n') + 4;
}

/** Of the frame that comes next; more than there is while that is not known. */
function frameLength(bytes: Buffer): number {
  const size = bytes[1] ?? Infinity;
  if (size < 126) return 2 + size;
  if (bytes.length < 10) return Infinity;
  return size === 126 ? 4 + bytes.readUInt16BE(2) : 10 + Number(bytes.readBigUInt64BE(2));
}
