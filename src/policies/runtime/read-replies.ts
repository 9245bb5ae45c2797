import { decisions, verdictProblem } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, RenewalVerdict } from '../contract.ts';
import { faultOf, type Fault } from './fault.ts';
import type { ModuleReply } from './messages.ts';

/** The checked verdicts of a module on a key; null: the module has no such function. */
export interface ModuleVerdicts {
  readonly expiry: ExpiryVerdict | null;
  readonly renewal: RenewalVerdict | null;
  readonly dormancy: DormancyVerdict | null;
}

/**
 * - LATER: the module was not called, through no fault of its own
 * - STALLED: it did not return while a caller waited who cannot wait longer; whether it is at fault is not known yet
 */
export type Evaluation = ModuleVerdicts | { readonly fault: Fault } | 'LATER' | 'STALLED';

/** Checks the replies of the process. They are not trusted, because modules ran in it. */
export function readReplies(value: unknown, keyCount: number): readonly Evaluation[] {
  const replies = Array.isArray(value) ? (value as readonly ModuleReply[]) : [];
  if (replies.length === keyCount) return replies.map(readReply);
  const fault = faultOf('NONSENSE', `found ${replies.length} replies; expected ${keyCount}.`);
  return Array.from({ length: keyCount }, () => ({ fault }));
}

function readReply(reply: ModuleReply): Evaluation {
  if ('fault' in reply) return { fault: faultOf(reply.fault.kind, reply.fault.message) };
  for (const decision of decisions) {
    const problem = reply[decision] === null ? null : verdictProblem(decision, reply[decision]);
    if (problem !== null) return { fault: faultOf('NONSENSE', `${decision}: ${problem}`) };
  }
  return reply as unknown as ModuleVerdicts;
}
