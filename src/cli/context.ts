import type { Folders } from './folders.ts';
import type { Output } from './output.ts';

/** What a command has of the world around it. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly folders: Folders;
  readonly output: Output;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The machine's clock. What a key is due for is told by the gateway's. */
  readonly now: () => Date;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Waits so long, in ms. */
  readonly pause: (ms: number) => Promise<void>;
}
