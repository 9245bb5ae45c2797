import { useState } from 'react';
import { useQuery } from 'urql';
import type { PolicyModulesQuery } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { usePolling } from '../../live/use-polling.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { OpenRolloutNotice } from '../rollout/open-rollout.tsx';
import { BindingEvents } from './binding-events.tsx';
import { BindingFacts, Configuration } from './binding-facts.tsx';
import { isAnnounced, StatesOfBinding } from './binding-state.tsx';
import { BrakeNotice } from './brake-notice.tsx';
import { faultWords } from './fault-words.ts';
import {
  BindingQuery,
  bindingOf,
  concernsPolicies,
  ModulesQuery,
  ownerNamesOf,
  type BindingDetails,
  type OwnerNames,
  type PolicyModule,
} from './policy-query.ts';
import { UnbindDialog } from './unbind-dialog.tsx';

/** A binding: what it is set to, what it decided lately, what is wrong with it, and what can be done. */
export function BindingPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({ query: BindingQuery, variables: { id }, concerns: concernsPolicies });
  const [modules] = useQuery({ query: ModulesQuery, variables: {} });
  usePolling(bindingOf(state.data?.node ?? null)?.progress != null, readAgain);
  return (
    <LiveContent of={state} what="the binding" onRetry={readAgain}>
      {({ node }) => <FoundBinding of={bindingOf(node)} modules={modules.data} />}
    </LiveContent>
  );
}

interface FoundBindingProps {
  readonly of: BindingDetails | null;
  /** Undefined: they are not known. */
  readonly modules: PolicyModulesQuery | undefined;
}

function FoundBinding({ of: binding, modules }: FoundBindingProps) {
  if (binding === null) return <MissingBinding />;
  return (
    <BindingView
      of={binding}
      names={modules === undefined ? new Map() : ownerNamesOf(modules)}
      versions={modules?.policies.filter(({ name }) => name === binding.policy) ?? []}
    />
  );
}

export function MissingBinding() {
  return (
    <>
      <PageTitle title="There is no such binding" />
      <p>
        It does not exist, was removed, or you may not see it. <Link href={paths.policies}>All policies</Link>
      </p>
    </>
  );
}

interface BindingViewProps {
  readonly of: BindingDetails;
  readonly names: OwnerNames;
  readonly versions: readonly PolicyModule[];
}

function BindingView({ of: binding, names, versions }: BindingViewProps) {
  const { account } = useSession();
  const [isUnbinding, setUnbinding] = useState(false);
  const brake = binding.realm.brakes.find((one) => one.binding.id === binding.id);
  const mayChange = account.isAdministrator && binding.unboundAt === null;
  const isAhead = isAnnounced(binding, useNow());
  return (
    <>
      <p className="quiet">
        <Link href={paths.policies}>Policies</Link>
      </p>
      <div className="title-row">
        <PageTitle title={binding.title} />
        <StatesOfBinding of={binding} isBraked={brake !== undefined} />
        {mayChange && (
          <div className="buttons">
            <Link className="button" href={paths.changeBinding(binding.id)}>
              Change
            </Link>
            <Link className="button" href={paths.rolloutOfBinding(binding.id)}>
              Roll out in stages
            </Link>
            <button type="button" className="danger" onClick={() => setUnbinding(true)}>
              {isAhead ? 'Withdraw' : 'Unbind'}
            </button>
          </div>
        )}
      </div>
      {isUnbinding && <UnbindDialog of={binding} isAnnounced={isAhead} onClose={() => setUnbinding(false)} />}
      <OpenRolloutNotice realm={binding.realm.slug} bindingId={binding.id} />
      {brake !== undefined && <BrakeNotice of={brake} mayEnd={account.isAdministrator} />}
      <Fault of={binding} />
      {isAhead && <Announcement of={binding} />}
      {binding.progress !== null && <Progress of={binding.progress} />}
      <div className="columns">
        <div>
          <Configuration of={binding} versions={versions} />
          <BindingEvents of={binding} />
        </div>
        <div>
          <BindingFacts of={binding} names={names} versions={versions} />
        </div>
      </div>
    </>
  );
}

function Fault({ of: { fault } }: { readonly of: BindingDetails }) {
  if (fault === null) return null;
  const { kind, message, keyCount, since, retryAt } = fault;
  return (
    <section className="problem" aria-label="The module fails">
      <h2>The module fails: {faultWords(kind)}</h2>
      <p>
        Since <MomentButton at={since} />, for {keyCount.toLocaleString('en')} {keyCount === 1 ? 'key' : 'keys'}. Its
        last verdicts stay in force, and no key stops because of the failure. It is tried again{' '}
        <MomentButton at={retryAt} />.
      </p>
      <p>
        Its error: <code>{message}</code>
      </p>
    </section>
  );
}

function Announcement({ of: { effectiveAt, revision } }: { readonly of: BindingDetails }) {
  return (
    <section className="notice" aria-label="Announced">
      <p>
        {revision === 1 ? 'The policy' : 'This change'} takes effect <MomentButton at={effectiveAt} />. Until then the
        pages of the keys show what it decides, and nothing stops because of it
        {revision > 1 && '; what was in force before, if anything, stays so'}.
      </p>
    </section>
  );
}

function Progress({ of: { done, total } }: { readonly of: NonNullable<BindingDetails['progress']> }) {
  const words = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} keys are reviewed after the last change`;
  return (
    <section className="notice" aria-label="Review">
      <p>{words}</p>
      <progress max={Math.max(1, total)} value={done} aria-label={words} />
    </section>
  );
}
