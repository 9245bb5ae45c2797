import type { Json } from '../../domain/event.ts';

/** What the gateway asks of the process that runs modules, one request at a time. The answers are texts of JSON. */
export type ChildRequest =
  /**
   * Answered with a LoadReply. A module is loaded before anything else is asked of it. `scripts` are those of its files that
   * are TypeScript, as JavaScript, by their paths.
   */
  | {
      readonly kind: 'LOAD';
      readonly hash: string;
      readonly entry: string;
      readonly scripts: Readonly<Record<string, string>>;
    }
  /** Answered with a ConfigReply. */
  | { readonly kind: 'READ_CONFIG'; readonly hash: string; readonly config: Json }
  /**
   * Answered with an Answer for each of the facts, in order: a text of JSON, which is quicker read than what Node copies.
   * Those at the places of `twice` are asked a second time.
   */
  | {
      readonly kind: 'EVALUATE';
      readonly hash: string;
      readonly config: Json;
      readonly moment: number;
      readonly facts: string;
      readonly twice: readonly number[];
    };

/** The first request has the number 1. */
export type NumberedRequest = ChildRequest & { readonly id: number };

/** What is sent back, a text of JSON. The first, with the number 0, says that the process is ready. */
export interface NumberedReply {
  readonly id: number;
  readonly text: string;
}

/** What went wrong in the module itself, in its own words. */
export interface ModuleFault {
  readonly fault: { readonly kind: 'THROWS' | 'NONSENSE' | 'NOT_DETERMINISTIC'; readonly message: string };
}

/** What a module says it is, unchecked. */
export type LoadReply = { readonly described: Json } | ModuleFault;

export type ConfigReply =
  { readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[] } | ModuleFault;

/** Verdicts, plain but not yet checked; null where the module has no such function. */
export type ModuleReply = { readonly expiry: Json; readonly renewal: Json; readonly dormancy: Json } | ModuleFault;
