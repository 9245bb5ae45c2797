import { onTestFinished } from 'vitest';
import type { FollowLine, HeadLine, KeyLine } from '../../src/verifier/follow-lines.ts';
import type { Gateway } from './gateway.ts';

/** The lines of a stream of /log as they arrive. */
export interface FollowStream {
  readonly response: Response;
  /** Every line so far. */
  readonly lines: FollowLine[];
  /** Resolves with the first line, also a past one, that fits. Rejects when the stream ends without one. */
  find(fits: (line: FollowLine) => boolean): Promise<FollowLine>;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Requests /snapshot. */
export async function readSnapshot(
  { url }: Pick<Gateway, 'url'>,
  secret: string,
): Promise<{ readonly lines: FollowLine[]; readonly keys: KeyLine[]; readonly head: HeadLine; readonly text: string }> {
  const response = await fetch(`${url}/snapshot`, { headers: { Authorization: `Bearer ${secret}` } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const lines = text.trim().split('\n').map(parseLine);
  const head = lines.at(-1)?.head;
  if (head === undefined) throw new Error('the snapshot has no end');
  return { lines, head, text, keys: lines.flatMap(({ key }) => key ?? []) };
}

/** Opens /log; it is closed with the test. */
export async function openLog({ url }: Pick<Gateway, 'url'>, secret: string, after: string): Promise<FollowStream> {
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const response = await fetch(`${url}/log?after=${after}`, {
    headers: { Authorization: `Bearer ${secret}` },
    signal: closing.signal,
  });
  const lines: FollowLine[] = [];
  const waiting = new Set<() => void>();
  let isOpen = true;
  const wake = () => {
    for (const run of waiting) run();
    waiting.clear();
  };
  const read = async () => {
    let rest = '';
    if (response.status === 200 && response.body !== null) {
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts.map(parseLine));
        wake();
      }
    }
  };
  const ended = read()
    .catch(() => undefined)
    .then(() => {
      isOpen = false;
      wake();
    });
  return {
    response,
    lines,
    ended,
    close: () => closing.abort(),
    async find(fits) {
      for (;;) {
        const found = lines.find(fits);
        if (found !== undefined) return found;
        if (!isOpen) throw new Error(`the stream ended: ${JSON.stringify(lines)}`);
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

function parseLine(line: string): FollowLine {
  return JSON.parse(line) as FollowLine;
}
