import { useId, useState } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { useChange } from '../../api/use-change.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { usePlace } from '../../shell/router.ts';
import { bindDocument } from './binding-changes.ts';
import { bindInputOf, newDraft } from './binding-draft.ts';
import { BindingFlow } from './binding-flow.tsx';
import { NotForYou } from './not-for-you.tsx';
import { MissingModule } from './module-page.tsx';
import { ModulesQuery, ownerNamesOf, RealmPoliciesQuery } from './policy-query.ts';

/** Binds a module to a realm: a form, what it would change, and the confirmation of that. */
export function BindPage({ name }: { readonly name: string }) {
  const { account } = useSession();
  const { search } = usePlace();
  const realmId = useId();
  const [state, readAgain] = useQuery({ query: ModulesQuery, variables: {}, requestPolicy: 'cache-and-network' });
  const [slug, setSlug] = useState(() => new URLSearchParams(search).get('realm') ?? 'default');
  const change = useChange(bindDocument, 'bindPolicy');
  if (!account.isAdministrator) return <NotForYou />;
  if (state.data === undefined && state.error === undefined) return <Waiting what="the module" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) {
    const retry = () => readAgain({ requestPolicy: 'network-only' });
    return <Problem title="The module could not be read" message={problem} onRetry={retry} />;
  }
  const module = data.policies.find((one) => one.name === name && one.isCurrent);
  const realms = data.realms.edges.map(({ node }) => node);
  const realm = realms.find((one) => one.slug === slug) ?? realms[0];
  if (module === undefined || realm === undefined) return <MissingModule />;
  return (
    <BindingFlow
      title={`Bind “${module.title}”`}
      back={paths.policyModule(name)}
      target={{ kind: 'NEW', realm: realm.slug, policy: name }}
      module={module}
      versions={[module]}
      initial={newDraft(realm.minimumNotice)}
      minimumNotice={realm.minimumNotice}
      owners={ownerNamesOf(data)}
      wasEnforced={false}
      run={async (draft, confirmation) => {
        const success = await change[0]({ input: bindInputOf(realm.slug, name, draft, confirmation) });
        return success?.binding.id ?? null;
      }}
      state={change[1]}
    >
      {realms.length > 1 && (
        <div className="field">
          <label htmlFor={realmId}>Realm</label>
          <select id={realmId} value={realm.slug} onChange={({ target }) => setSlug(target.value)}>
            {realms.map((one) => (
              <option key={one.slug} value={one.slug}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
      <p className="hint">
        Many keys may stop? <Link href={paths.rolloutOfPolicy(realm.slug, name)}>Roll it out in stages</Link>, so that
        owners can answer first.
      </p>
      <BoundAlready realm={realm.slug} name={name} />
    </BindingFlow>
  );
}

/** Names the bindings of the module that the realm has: who wants another setting changes those. */
function BoundAlready({ realm, name }: { readonly realm: string; readonly name: string }) {
  const [{ data }] = useQuery({ query: RealmPoliciesQuery, variables: { realm } });
  const bound = data?.realm?.bindings.filter(({ policy }) => policy === name) ?? [];
  if (bound.length === 0) return null;
  return (
    <p className="notice">
      This realm has it already. To set it otherwise, change{' '}
      {bound.map(({ id, title }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link href={paths.changeBinding(id)}>{title}</Link>
        </span>
      ))}{' '}
      instead: a further binding applies beside it.
    </p>
  );
}
