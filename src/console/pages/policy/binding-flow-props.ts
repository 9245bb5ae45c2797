import type { ReactNode } from 'react';
import type { ChangeState } from '../../api/use-change.ts';
import type { BindingDraft, BindingTarget, Confirmation } from './binding-draft.ts';
import type { ConfigProblem } from './field-problems.tsx';
import type { OwnerNames, PolicyModule } from './policy-query.ts';

export interface BindingFlowProps {
  readonly title: string;
  /** The page to which a person goes back who changes nothing. */
  readonly back: string;
  readonly target: BindingTarget;
  /** Null: this gateway has no version of the module. */
  readonly module: PolicyModule | null;
  readonly versions: readonly PolicyModule[];
  readonly initial: BindingDraft;
  readonly minimumNotice: string;
  readonly owners: OwnerNames;
  /** Whether the binding has an effect now. */
  readonly wasEnforced: boolean;
  /** Makes the change. Resolves with the id of the binding, or with null after a failure. */
  readonly run: (draft: BindingDraft, confirmation: Confirmation) => Promise<string | null>;
  readonly state: ChangeState;
  /** More fields at the top of the form. */
  readonly children?: ReactNode;
}

/** What the gateway does not accept in a form. */
export interface FormRefusal {
  readonly message: string;
  readonly problems: readonly ConfigProblem[];
}
