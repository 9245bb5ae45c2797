import { useState, type ReactNode } from 'react';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import type { FormRefusal } from '../policy/binding-flow-props.ts';
import type { OwnerNames } from '../policy/policy-query.ts';
import { ProposalForm } from './proposal-form.tsx';
import { ProposeStep } from './propose-step.tsx';
import type { ChangeTarget, RolloutDraft } from './rollout-draft.ts';

interface ProposalFlowProps {
  readonly realm: string;
  /** Null: nothing is chosen that can be changed. */
  readonly target: ChangeTarget | null;
  /** The schema of the configuration; undefined: this gateway has no such version of the module. */
  readonly schema: unknown;
  readonly noticeMs: number;
  readonly draft: RolloutDraft;
  readonly owners: OwnerNames;
  readonly onChange: (changed: Partial<RolloutDraft>) => void;
  /** The fields that choose the target. */
  readonly children: ReactNode;
}

/** Proposes a rollout in two steps: the form, then what the change would do, with the proposal of exactly that. */
export function ProposalFlow({ children, ...form }: ProposalFlowProps) {
  const { realm, target, draft } = form;
  const [isPreview, setPreview] = useState(false);
  const [refusal, setRefusal] = useState<FormRefusal | null>(null);
  if (isPreview && target !== null) {
    return (
      <ProposeStep
        realm={realm}
        target={target}
        draft={draft}
        onBack={() => setPreview(false)}
        onRefused={(refused) => {
          setRefusal(refused);
          setPreview(false);
        }}
      />
    );
  }
  return (
    <>
      <p className="quiet">
        <Link href={paths.rollouts}>Rollouts</Link>
      </p>
      <div className="title-row">
        <PageTitle title="Propose a rollout" />
      </div>
      <ProposalForm
        {...form}
        refusal={refusal}
        onSubmit={() => {
          setRefusal(null);
          setPreview(true);
        }}
      >
        {children}
      </ProposalForm>
    </>
  );
}
