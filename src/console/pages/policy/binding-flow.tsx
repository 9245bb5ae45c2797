import { useState } from 'react';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import type { BindingFlowProps, FormRefusal } from './binding-flow-props.ts';
import { BindingForm } from './binding-form.tsx';
import { ConfirmStep } from './confirm-step.tsx';

/** Binds a policy or changes a binding in two steps: the form, then what it would change, with the confirmation. */
export function BindingFlow(props: BindingFlowProps) {
  const { title, back, initial } = props;
  const [draft, setDraft] = useState(initial);
  const [isPreview, setPreview] = useState(false);
  const [refusal, setRefusal] = useState<FormRefusal | null>(null);
  if (isPreview) {
    return (
      <ConfirmStep
        {...props}
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
        <Link href={back}>Back</Link>
      </p>
      <div className="title-row">
        <PageTitle title={title} />
      </div>
      <BindingForm
        {...props}
        draft={draft}
        refusal={refusal}
        onChange={(changed) => setDraft((before) => ({ ...before, ...changed }))}
        onSubmit={() => {
          setRefusal(null);
          setPreview(true);
        }}
      />
    </>
  );
}
