import type { PreviewPolicyInput, ProposeRolloutInput } from '../../api/operations.ts';
import { selectorOf, type SelectorDraft } from '../policy/selector.ts';
import { stageInputsOf, type StageDraft } from './stage-draft.ts';

/** What a rollout changes. */
export type ChangeTarget =
  | { readonly kind: 'BIND'; readonly policy: string }
  | { readonly kind: 'UPDATE' | 'UNBIND'; readonly bindingId: string };

/** A proposal as it is typed. */
export interface RolloutDraft {
  readonly config: unknown;
  readonly selector: SelectorDraft;
  readonly title: string;
  readonly explanation: string;
  readonly replacement: string;
  readonly stages: readonly StageDraft[];
  readonly budgetOwners: string;
  /** Per cent; empty: none. */
  readonly budgetPercent: string;
  /** A text whose digest is published now; empty: none. It never leaves the browser. */
  readonly sealedText: string;
}

/** The part of the change that a preview and its proposal have in common. */
function changeOf(target: ChangeTarget, { config, selector }: Pick<RolloutDraft, 'config' | 'selector'>) {
  if (target.kind === 'UNBIND') return { bindingId: target.bindingId, remove: true };
  const settings = { config: config ?? {}, selector: selectorOf(selector) };
  return target.kind === 'BIND' ? { policy: target.policy, ...settings } : { bindingId: target.bindingId, ...settings };
}

/** Returns the input of the preview of the change, as if it were in force for all. */
export function previewOfProposal(realm: string, target: ChangeTarget, draft: RolloutDraft): PreviewPolicyInput {
  const change = changeOf(target, draft);
  return { realm, ...change, ...(target.kind !== 'UNBIND' && { mode: 'ENFORCED' as const }) };
}

/** What comes to a draft only when it is proposed. */
export interface ProposalSeal {
  readonly previewToken: string;
  readonly sealedDigest: string | null;
  readonly idempotencyKey: string;
}

export function proposalInputOf(
  realm: string,
  target: ChangeTarget,
  draft: RolloutDraft,
  { previewToken, sealedDigest, idempotencyKey }: ProposalSeal,
): ProposeRolloutInput {
  const { title, explanation, replacement, stages, budgetOwners, budgetPercent } = draft;
  return {
    realm,
    ...changeOf(target, draft),
    title: title.trim(),
    explanation: explanation.trim(),
    ...(replacement.trim() !== '' && { replacement: replacement.trim() }),
    stages: stageInputsOf(stages),
    budget: { owners: Number(budgetOwners), ...(budgetPercent !== '' && { share: Number(budgetPercent) / 100 }) },
    ...(sealedDigest !== null && { sealedDigest }),
    previewToken,
    idempotencyKey,
  };
}
