import { useId } from 'react';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { usePolling } from '../../live/use-polling.ts';
import { Ago, RowMoment } from '../../parts/moment-button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { StatesOfBinding } from './binding-state.tsx';
import { Modules } from './module-list.tsx';
import {
  concernsPolicies,
  ownerNamesOf,
  RealmPoliciesQuery,
  RealmChoicesQuery,
  type ListedBinding,
  type ListedBrake,
  type OwnerNames,
  type PolicyProblem,
} from './policy-query.ts';
import { describeSelector, maySelectOwner } from './selector.ts';

/** The policies in effect, realm by realm, what is wrong with them, and the modules that can be bound. */
export function PolicyListPage() {
  const [state, readAgain] = useLiveQuery({ query: RealmChoicesQuery, variables: {}, concerns: concernsPolicies });
  const search = new URLSearchParams(usePlace().search);
  if (state.data === undefined && state.error === undefined) return <Waiting what="the policies" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem title="The policies could not be read" message={problem} onRetry={readAgain} />;
  const realms = data.realms.edges.map(({ node }) => node);
  const chosen =
    realms.find(({ slug }) => slug === search.get('realm')) ??
    realms.find(({ slug }) => slug === 'default') ??
    realms[0];
  const owner = search.get('owner') ?? '';
  const choose = (name: string, value: string) => {
    if (value === '') search.delete(name);
    else search.set(name, value);
    navigate(`${paths.policies}${search.size > 0 ? `?${search.toString()}` : ''}`);
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title="Policies" />
      </div>
      <Wrong of={data.problems} />
      <div className="choose-row">
        {realms.length > 1 && (
          <Choice name="Realm" value={chosen?.slug ?? ''} onChange={(slug) => choose('realm', slug)}>
            {realms.map(({ slug, name }) => [slug, name] as const)}
          </Choice>
        )}
        {data.organizations.edges.length > 0 && (
          <Choice name="Whose keys" value={owner} onChange={(id) => choose('owner', id)}>
            {[
              ['', 'all owners'] as const,
              ...data.organizations.edges.map(({ node }) => [node.id, node.name] as const),
            ]}
          </Choice>
        )}
      </div>
      {chosen === undefined ? (
        <p>You see no realm.</p>
      ) : (
        <RealmPolicies key={chosen.slug} slug={chosen.slug} owner={owner} names={ownerNamesOf(data)} />
      )}
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: readonly (readonly [string, string])[];
}

function Choice({ name, value, onChange, children: choices }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {choices.map(([choice, shown]) => (
          <option key={choice} value={choice}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What waits for a person, in all realms. */
function Wrong({ of: problems }: { readonly of: readonly PolicyProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <section className="notice" aria-label="What waits for you">
      <ul className="plain-list">
        {problems.map(({ kind, since, binding, brake }) => {
          const bound = brake?.binding ?? binding;
          if (bound == null) return null;
          return (
            <li key={`${kind} ${brake?.id ?? bound.id}`}>
              {kind === 'BRAKE_ENGAGED' ? 'A brake holds back stops of ' : 'The module fails of '}
              <Link href={paths.binding(bound.id)}>{bound.title}</Link> in {(brake?.realm ?? binding?.realm)?.name}{' '}
              <span className="quiet">
                since <Ago at={since} />
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface RealmPoliciesProps {
  readonly slug: string;
  readonly owner: string;
  readonly names: OwnerNames;
}

function RealmPolicies({ slug, owner, names }: RealmPoliciesProps) {
  const { account } = useSession();
  const [state, readAgain] = useLiveQuery({
    query: RealmPoliciesQuery,
    variables: { realm: slug },
    concerns: concernsPolicies,
  });
  usePolling(state.data?.realm?.bindings.some(({ progress }) => progress !== null) ?? false, readAgain);
  if (state.data === undefined && state.error === undefined) return <Waiting what="the bindings" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem message={problem} onRetry={readAgain} />;
  if (data.realm === null) return <p>There is no such realm, or you may not see it.</p>;
  const { bindings, brakes, name } = data.realm;
  const shown = owner === '' ? bindings : bindings.filter(({ selector }) => maySelectOwner(selector, owner));
  return (
    <div className="stack">
      <section className="sheet">
        <h2>Bound in {name}</h2>
        {shown.length === 0 ? (
          <p>No policy applies here: keys stop only when a person or program chose it.</p>
        ) : (
          <Bindings of={shown} realm={name} brakes={brakes} names={names} />
        )}
      </section>
      <Modules of={data.policies} realm={slug} mayBind={account.isAdministrator} />
    </div>
  );
}

interface BindingsProps {
  readonly of: readonly ListedBinding[];
  /** The name of the realm. */
  readonly realm: string;
  readonly brakes: readonly ListedBrake[];
  readonly names: OwnerNames;
}

function Bindings({ of: bindings, realm, brakes, names }: BindingsProps) {
  return (
    <DataTable name={`Bound in ${realm}`} columns={['Policy', 'State', 'Applies to', 'In effect from']}>
      {bindings.map((binding) => {
        const brake = brakes.find(({ binding: { id } }) => id === binding.id);
        return (
          <tr key={binding.id}>
            <td>
              <Link href={paths.binding(binding.id)}>{binding.title}</Link>
              {binding.progress !== null && (
                <div className="quiet">
                  {binding.progress.done.toLocaleString('en')} of {binding.progress.total.toLocaleString('en')} keys
                  reviewed
                </div>
              )}
            </td>
            <td>
              <StatesOfBinding of={binding} isBraked={brake !== undefined} />
              {brake !== undefined && (
                <div className="quiet">
                  {brake.waitingCount.toLocaleString('en')} {brake.waitingCount === 1 ? 'stop waits' : 'stops wait'}
                </div>
              )}
              {binding.fault !== null && (
                <div className="quiet">fails for {binding.fault.keyCount.toLocaleString('en')} keys</div>
              )}
            </td>
            <td>{describeSelector(binding.selector, names)}</td>
            <td>
              <RowMoment at={binding.effectiveAt} />
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
