import type { z } from 'zod';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { HookVariables, RunHook } from '../renewal/run-hook.ts';

/** A place to which a key's secret is deployed. */
export interface Deployer {
  /** Unique name of the place in messages and in the journal, even among places in the same file. Holds no secret. */
  readonly place: string;
  /** Checks without a change, as far as possible, whether `put` would succeed. Throws CommandError if it would not. */
  check(): Promise<void>;
  /** Writes the secret; idempotent. Throws CommandError if the write is not confirmed. */
  put(secret: Sensitive<string>, facts: HookVariables): Promise<void>;
  /** Whether the place holds the secret; null: the place cannot be read. Throws CommandError if the check fails. */
  holds(secret: Sensitive<string>): Promise<boolean | null>;
}

/** What deployers use from their environment. */
export interface DeployerHost {
  readonly env: NodeJS.ProcessEnv;
  readonly runHook: RunHook;
  readonly pause: (ms: number) => Promise<void>;
}

/** A kind of place: an entry of the table. `settings` validates the user's settings of a place. */
export interface DeployerKind<Shape extends z.ZodType> {
  readonly settings: Shape;
  open(settings: z.output<Shape>, host: DeployerHost): Deployer;
}
