import './rules.css';
import { readOutcome } from '../../api/client.ts';
import type { IssuersOfRealmQuery } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { RealmChoice, useRealmOfPlace } from './realm-choice.tsx';
import { Conditions, OnlyAdministrators, ScopesOfRule } from './rule-facts.tsx';
import { concernsRules, IssuerRulesQuery, IssuersQuery } from './rule-query.ts';

/** The rules by which jobs of CI providers get keys, by realm and issuer. */
export default function RulesPage() {
  const { account } = useSession();
  const realm = useRealmOfPlace();
  return (
    <>
      <div className="title-row">
        <PageTitle title="CI rules" />
        {account.isAdministrator && (
          <div className="buttons">
            <Link className="button" href={`${paths.issuers}?realm=${encodeURIComponent(realm)}`}>
              Trusted providers
            </Link>
            <Link className="button" href={`${paths.ruleTest}?realm=${encodeURIComponent(realm)}`}>
              Test a token
            </Link>
            <Link className="button primary" href={`${paths.newRule}?realm=${encodeURIComponent(realm)}`}>
              Add a rule
            </Link>
          </div>
        )}
      </div>
      <p>A rule gives each job of a CI provider that meets its conditions a key of its own, for 15 minutes.</p>
      {account.isAdministrator ? <RulesOfRealm realm={realm} /> : <OnlyAdministrators />}
    </>
  );
}

function RulesOfRealm({ realm }: { readonly realm: string }) {
  const [state, readAgain] = useLiveQuery({ query: IssuersQuery, variables: { realm }, concerns: concernsRules });
  const { data, problem } = readOutcome(state);
  const isWaiting = state.data === undefined && state.error === undefined;
  const issuers = data?.realm?.issuers.edges.map(({ node }) => node) ?? [];
  return (
    <>
      <RealmChoice realm={realm} path={paths.rules} />
      {isWaiting && <Waiting what="the rules" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {data !== null && data.realm == null && <p>There is no such realm.</p>}
      {data?.realm != null && issuers.length === 0 && (
        <div className="sheet empty">
          <p>
            This realm trusts no CI provider yet.{' '}
            <Link href={`${paths.issuers}?realm=${encodeURIComponent(realm)}`}>Trust one</Link>
          </p>
        </div>
      )}
      {issuers.map((issuer) => (
        <Issuer key={issuer.id} of={issuer} />
      ))}
    </>
  );
}

type IssuerOfList = NonNullable<IssuersOfRealmQuery['realm']>['issuers']['edges'][number]['node'];

function Issuer({ of: { id, name, url, audience } }: { readonly of: IssuerOfList }) {
  const [state, readAgain] = useLiveQuery({ query: IssuerRulesQuery, variables: { id }, concerns: concernsRules });
  const { data, problem } = readOutcome(state);
  const isWaiting = state.data === undefined && state.error === undefined;
  const page = data?.node != null && 'rules' in data.node ? data.node.rules : null;
  return (
    <section className="sheet issuer">
      <h2>{name}</h2>
      <p className="quiet">
        Tokens of <code>{url}</code> for the audience <code>{audience}</code>. The first rule that matches counts.
      </p>
      {isWaiting && <Waiting what="the rules" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {page?.edges.length === 0 && <p>It has no rule, so that its jobs get no keys.</p>}
      {page != null && page.edges.length > 0 && (
        <ol className="plain-list">
          {page.edges.map(({ node: rule }) => (
            <li key={rule.id} className="rule">
              <h3>
                <Link href={paths.rule(rule.id)}>{rule.name}</Link>
              </h3>
              <p className="quiet">Keys of {rule.owner.name}</p>
              <div>
                <span className="label">If</span>
                <Conditions of={rule.conditions} />
              </div>
              <div>
                <span className="label">they may</span>
                <ScopesOfRule of={rule.scopes} />
              </div>
            </li>
          ))}
        </ol>
      )}
      {page?.pageInfo.hasNextPage === true && <p>It has more than 100 rules. The others are in the API.</p>}
    </section>
  );
}
