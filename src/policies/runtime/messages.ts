import type { Json } from '../../domain/event.ts';

/** A request of the gateway to the policy process. There is one at a time. Replies are JSON text. */
export type ChildRequest =
  /**
   * The reply is a LoadReply. A module must be loaded before any other request for it. `scripts` are its TypeScript files as
   * JavaScript, by path.
   */
  | {
      readonly kind: 'LOAD';
      readonly hash: string;
      readonly entry: string;
      readonly scripts: Readonly<Record<string, string>>;
    }
  /** The reply is a ConfigReply. */
  | { readonly kind: 'READ_CONFIG'; readonly hash: string; readonly config: Json }
  /** The reply has a list for each part: a ModuleReply for each of its facts, in order; none if its module is not loaded. */
  | {
      readonly kind: 'EVALUATE';
      /** Facts of keys as JSON texts of lists, which are faster to parse than a structured clone. */
      readonly texts: readonly string[];
      readonly parts: readonly EvaluationPart[];
    };

/** What one module is asked. */
export interface EvaluationPart {
  readonly hash: string;
  readonly config: Json;
  readonly moment: number;
  /** The place of its facts among the texts. */
  readonly facts: number;
  /** The indexes of the facts that are evaluated a second time. */
  readonly twice: readonly number[];
}

/** The first request has the id 1. */
export type NumberedRequest = ChildRequest & { readonly id: number };

/** A reply, as JSON text. The first one, with the id 0, tells that the process is ready. */
export interface NumberedReply {
  readonly id: number;
  readonly text: string;
}

/** A fault of the module itself, with the module's own message. */
export interface ModuleFault {
  readonly fault: { readonly kind: 'THROWS' | 'NONSENSE' | 'NOT_DETERMINISTIC'; readonly message: string };
}

/** A module's description, unchecked. */
export type LoadReply = { readonly described: Json } | ModuleFault;

export type ConfigReply =
  { readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[] } | ModuleFault;

/**
 * The unchecked verdicts of a module on one key, one of each function. A member is null if the module lacks that
 * function.
 */
export type ModuleReply = { readonly expiry: Json; readonly renewal: Json; readonly dormancy: Json } | ModuleFault;
