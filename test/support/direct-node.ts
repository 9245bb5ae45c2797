import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Direction, Report } from './directed-node.ts';

const program = fileURLToPath(new URL('directed-node.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../../node_modules/.cache/keytided', import.meta.url));

/** A node in a process of its own, whose clock stands still at an instant. */
export interface DirectedNode {
  readonly url: string;
  /** Says what to do, and resolves when it is done. Rejects when that fails, and when the process ends before. */
  direct(direction: Direction): Promise<Report>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has gone, with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
}

/** What a node of its own is for: a mail server that it hands notices to, a receiver that it sends webhooks to. */
export interface Doors {
  readonly smtpUrl?: string;
  readonly receiver?: { readonly port: number };
}

/** Starts one on a database, and comes back when it listens. It is gone when the test has ended. */
export async function startDirectedNode(
  database: string,
  now: Date,
  { smtpUrl = '', receiver }: Doors = {},
): Promise<DirectedNode> {
  const port = receiver === undefined ? '' : String(receiver.port);
  const child = fork(program, [database, now.toISOString(), smtpUrl, port], {
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    execArgv: ['--disable-warning=DeprecationWarning'],
  });
  const gone = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const report = async () => {
    const message = await Promise.race([once(child, 'message'), gone]);
    if (!Array.isArray(message)) throw new Error(`the node is gone: ${message}`);
    const [report] = message as [Report];
    if (report.failure !== undefined) throw new Error(report.failure);
    return report;
  };
  const { url = '' } = await report();
  return {
    url,
    direct(direction) {
      const done = report();
      done.catch(() => undefined); // a test may look later, or not at all
      child.send(direction);
      return done;
    },
    signal: (signal) => void child.kill(signal),
    gone,
  };
}
