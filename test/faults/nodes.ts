import { fileURLToPath } from 'node:url';
import { type GatewayProcess, runGateway } from '../support/gateway-process.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { openFaultyLine, type Line, type LineOptions } from './line.ts';
import type { WorldDatabase } from './own-database.ts';

const skewedClock = fileURLToPath(new URL('../support/skewed-clock.ts', import.meta.url));
const collecting = fileURLToPath(new URL('../support/collecting.ts', import.meta.url));

/** The exit status of a gateway that cannot have what it needs. */
const NO_DATABASE = 69;
const START_TRIES = 5;

/** A gateway in a process of its own, with a line of its own to the database and one to its callers. */
export interface FaultyNode {
  readonly number: number;
  /** Where callers reach it, over their line. */
  readonly url: string;
  readonly toDatabase: Line;
  readonly toCallers: Line;
  /** Where it is reached directly; null: it is not running. */
  directUrl(): string | null;
  start(): Promise<void>;
  kill(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void;
  /** What it has written of what went wrong. */
  written(): string;
}

export interface NodeOptions {
  readonly number: number;
  readonly database: WorldDatabase;
  readonly settings: Readonly<Record<string, string>>;
  /** How wrong the clock of its machine is. */
  readonly clockOffsetMs: number;
  readonly toCallersThrough?: LineOptions['through'];
  /** Whether it collects its garbage each second, so that its heap shows what it holds. */
  readonly collects?: boolean;
}

/** Lays the lines of a node that has still to be started. */
export async function prepareNode({
  number,
  database,
  settings,
  clockOffsetMs,
  toCallersThrough,
  collects = false,
}: NodeOptions): Promise<FaultyNode> {
  const folder = scratchFolder();
  let running: GatewayProcess | null = null;
  let isGone = true;
  let written = '';
  const toDatabase = await openFaultyLine({ to: () => database.socket() });
  const toCallers = await openFaultyLine({
    to: () => (isGone || running === null ? null : { host: '127.0.0.1', port: Number(new URL(running.url).port) }),
    ...(toCallersThrough === undefined ? {} : { through: toCallersThrough }),
  });
  return {
    number,
    url: `http://127.0.0.1:${toCallers.port}`,
    toDatabase,
    toCallers,
    directUrl: () => (isGone ? null : (running?.url ?? null)),
    async start() {
      const { pathname } = new URL(database.connectionString);
      const imports = [skewedClock, ...(collects ? [collecting] : [])].map((file) => `--import=${file}`).join(' ');
      const given = {
        DATABASE_URL: `postgresql://keytide@127.0.0.1:${toDatabase.port}${pathname}?sslmode=disable`,
        NODE_OPTIONS: `--disable-warning=DeprecationWarning ${imports}`,
        TEST_CLOCK_OFFSET_MS: String(clockOffsetMs),
        ...settings,
      };
      // One that finds no database says so and ends: whoever looks after it starts it again.
      for (let tries = 1; ; tries += 1) {
        const started = await runGateway(folder, given);
        if ('url' in started) {
          running = started;
          isGone = false;
          return;
        }
        if (started.status !== NO_DATABASE || tries === START_TRIES) throw new Error(JSON.stringify(started));
      }
    },
    async kill() {
      if (running === null || isGone) return;
      isGone = true;
      await running.end('SIGKILL');
      written += wrongIn(running.written());
    },
    signal(signal) {
      if (running !== null && !isGone) process.kill(running.id, signal);
    },
    written: () => written + (isGone || running === null ? '' : wrongIn(running.written())),
  };
}

/** What a node has said of what went wrong: its errors are entries of its log. */
function wrongIn({ stdout, stderr }: ReturnType<GatewayProcess['written']>): string {
  const entries = stdout.split('\n').filter((line) => /^\{"level":"(?:error|fatal)"/.test(line));
  return [stderr, ...entries].join('\n').trim();
}
