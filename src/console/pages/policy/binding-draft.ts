import { parseDuration } from '../../../domain/duration.ts';
import type { BindingMode, BindPolicyInput, PreviewPolicyInput, UpdateBindingInput } from '../../api/operations.ts';
import { allKeys, selectorDraftOf, selectorOf, type SelectorDraft } from './selector.ts';
import type { BindingDetails } from './policy-query.ts';

/** A new binding, or a change of one, as it is typed. */
export interface BindingDraft {
  readonly config: unknown;
  readonly selector: SelectorDraft;
  readonly mode: BindingMode;
  /** A local date and time; empty: at once. */
  readonly effectiveAt: string;
  /** ISO 8601, or as it is typed. */
  readonly noticePeriod: string;
  readonly withoutNoticeReason: string;
  readonly followsModule: boolean;
  /** The version of the module; null: as it is, and for a new binding the current one. */
  readonly hash: string | null;
}

export function newDraft(minimumNotice: string): BindingDraft {
  return {
    config: {},
    selector: allKeys,
    mode: 'ENFORCED',
    effectiveAt: '',
    noticePeriod: minimumNotice,
    withoutNoticeReason: '',
    followsModule: false,
    hash: null,
  };
}

export function draftOfBinding({ config, selector, mode, noticePeriod, followsModule }: BindingDetails): BindingDraft {
  return {
    ...newDraft(noticePeriod),
    config,
    selector: selectorDraftOf(selector),
    mode,
    followsModule,
  };
}

/** Whether a notice period is shorter than the realm requires, so that a reason has to be written. */
export function isShortNotice(noticePeriod: string, minimumNotice: string): boolean {
  const [given, required] = [noticePeriod, minimumNotice].map(parseDuration);
  return given !== undefined && required !== undefined && 'ms' in given && 'ms' in required && given.ms < required.ms;
}

/** Which binding is made or changed. */
export type BindingTarget =
  | { readonly kind: 'NEW'; readonly realm: string; readonly policy: string }
  | { readonly kind: 'CHANGE'; readonly realm: string; readonly bindingId: string };

/** The settings in which a preview and its mutation must agree. */
function settingsOf(draft: BindingDraft) {
  return {
    config: draft.config ?? {},
    selector: selectorOf(draft.selector),
    mode: draft.mode,
    noticePeriod: draft.noticePeriod,
    ...(draft.effectiveAt !== '' && { effectiveAt: new Date(draft.effectiveAt).toISOString() }),
  };
}

/** Returns the input of the preview. A binding in SHADOW stops nothing: `asEnforced` shows what it would do. */
export function previewInputOf(target: BindingTarget, draft: BindingDraft, asEnforced: boolean): PreviewPolicyInput {
  const settings = { ...settingsOf(draft), ...(asEnforced && { mode: 'ENFORCED' as const }) };
  const { realm } = target;
  if (target.kind === 'NEW') return { realm, policy: target.policy, ...settings };
  return { realm, bindingId: target.bindingId, ...(draft.hash !== null && { hash: draft.hash }), ...settings };
}

export interface Confirmation {
  readonly reason: string;
  /** Null: the change stops nothing, so that there is nothing to confirm. */
  readonly previewToken: string | null;
  readonly idempotencyKey: string;
}

function confirmedSettings(draft: BindingDraft, { reason, previewToken, idempotencyKey }: Confirmation) {
  const { withoutNoticeReason, followsModule } = draft;
  return {
    ...settingsOf(draft),
    followsModule,
    ...(withoutNoticeReason.trim() !== '' && { withoutNoticeReason: withoutNoticeReason.trim() }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
    ...(previewToken !== null && { previewToken }),
    idempotencyKey,
  };
}

export function bindInputOf(
  realm: string,
  policy: string,
  draft: BindingDraft,
  confirmation: Confirmation,
): BindPolicyInput {
  return { realm, policy, ...confirmedSettings(draft, confirmation) };
}

export function updateInputOf(bindingId: string, draft: BindingDraft, confirmation: Confirmation): UpdateBindingInput {
  return {
    bindingId,
    ...(draft.hash !== null && { hash: draft.hash }),
    ...confirmedSettings(draft, confirmation),
  };
}
