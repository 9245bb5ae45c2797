import type { z } from 'zod';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { HookVariables, RunHook } from '../renewal/run-hook.ts';

/** A place that holds a key's secret for whoever uses it. */
export interface Deployer {
  /** Names the place, for people and in the journal: no two have one name, though they are in one file. No secret is in it. */
  readonly place: string;
  /** Looks, as far as that is possible without a change, whether `put` would succeed. Throws CommandError where it would not. */
  check(): Promise<void>;
  /** Puts the secret there; the same secret again changes nothing. Throws CommandError when it is not known to be there. */
  put(secret: Sensitive<string>, facts: HookVariables): Promise<void>;
  /** Whether that secret is there; null: the place does not tell. Throws CommandError when it cannot be asked. */
  holds(secret: Sensitive<string>): Promise<boolean | null>;
}

/** What deployers have of the world around them. */
export interface DeployerHost {
  readonly env: NodeJS.ProcessEnv;
  readonly runHook: RunHook;
  readonly pause: (ms: number) => Promise<void>;
}

/** A kind of place: a row of the table. `settings` checks what a person wrote of one. */
export interface DeployerKind<Shape extends z.ZodType> {
  readonly settings: Shape;
  open(settings: z.output<Shape>, host: DeployerHost): Deployer;
}
