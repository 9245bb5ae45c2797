import type { Folders } from './folders.ts';
import type { Output } from './output.ts';

/** Everything that a command uses from its environment. Tests replace it. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly folders: Folders;
  readonly output: Output;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** This machine's clock. Whether a key is due is decided by the gateway's clock instead. */
  readonly now: () => Date;
  /** Returns a random number from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Waits for a number of ms. */
  readonly pause: (ms: number) => Promise<void>;
}
