import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** Settings that name a database or a folder of data. The demo uses neither. */
const REFUSED = ['DATABASE_URL', 'DATABASE_URL_FILE', 'KEYTIDE_DATA_DIR'];

/** The parsed options. */
interface Options {
  readonly speed: string;
  readonly port: string;
  readonly stay?: true;
}

/** Thrown where the story ends early. */
class StoryEnded extends Error {}

/**
 * Tells the story of Keytide on a gateway that exists only meanwhile: 20 owners, notices, renewals, a rotation with a straggler,
 * a dormant key, a policy whose preview shows what it would break, and a rollout that owners answer, that pauses itself and is
 * undone. Everything is removed at the end, and by Ctrl-C.
 */
export const demoCommand: Command = {
  declare(parser) {
    parser
      .option('--speed <days>', 'how many days pass in a second, from 0.1 on; max: without a pause', '2')
      .option('--port <port>', 'the port of the gateway on this machine; 0: a free one', '0')
      .option('--stay', 'keep the gateway after the story, until Ctrl-C');
  },
  async run(context, { options }) {
    const { speed, port, stay } = options as unknown as Options;
    const pauseMs = readPause(speed);
    const found = REFUSED.find((name) => (context.env[name] ?? '') !== '');
    if (found !== undefined) {
      throw new CommandError(
        exitStatus.USAGE,
        `${found} is set. The demo never uses an existing database: run it without ${found}.`,
      );
    }
    // Deprecation warnings of dependencies are of no use to a reader.
    process.noDeprecation = true;
    const { openDemoGateway } = await import('../../demo/open-demo-gateway.ts');
    const interrupted = new AbortController();
    const onSignal = () => interrupted.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
    context.output.note('Starting a gateway with a database of its own …');
    const gateway = await openDemoGateway(readPort(port));
    try {
      await tell(context, gateway, { pauseMs, isStaying: stay === true, signal: interrupted.signal });
    } finally {
      await gateway.remove();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
      context.output.note('The gateway of the demo and its data are removed.');
    }
    return exitStatus.OK;
  },
};

async function tell(
  { output, pause }: CommandContext,
  gateway: Awaited<ReturnType<(typeof import('../../demo/open-demo-gateway.ts'))['openDemoGateway']>>,
  {
    pauseMs,
    isStaying,
    signal,
  }: { readonly pauseMs: number; readonly isStaying: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const [{ Stage }, { tellStory }] = await Promise.all([
    import('../../demo/stage.ts'),
    import('../../demo/tell-story.ts'),
  ]);
  output.line(
    `${output.style('bold', gateway.url)}  sign in as ${gateway.email} with the password ${gateway.password}`,
  );
  output.line('');
  const stage = new Stage(gateway);
  try {
    await tellStory({
      stage,
      clock: gateway.clock,
      tell: (line) => output.line(line),
      pause: async () => {
        if (pauseMs > 0) await pause(pauseMs);
        if (signal.aborted) throw new StoryEnded('interrupted');
      },
    });
    if (isStaying) {
      output.line('');
      output.line(`The gateway stays at ${gateway.url} until Ctrl-C.`);
      while (!signal.aborted) await pause(100);
    }
  } catch (error) {
    if (!(error instanceof StoryEnded)) throw error;
  }
}

function readPause(speed: string): number {
  if (speed === 'max') return 0;
  const days = Number(speed);
  if (/^\d{1,4}(\.\d{1,3})?$/.test(speed) && days >= 0.1) return 1_000 / days;
  throw new CommandError(
    exitStatus.USAGE,
    `--speed: found ${JSON.stringify(speed)}; expected a number of days from 0.1 on, or max.`,
  );
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new CommandError(exitStatus.USAGE, `--port: found ${JSON.stringify(text)}; expected 0 to 65535.`);
}
