import './rules.css';
import { useState } from 'react';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { isEndedKey } from '../../parts/key-state.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton, RowMoment } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateOfKey } from '../../parts/state-of-key.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { RemoveRuleDialog } from './remove-rule-dialog.tsx';
import { RevokeKeysDialog } from './revoke-keys-dialog.tsx';
import { Conditions, LabelsOfRule, ScopesOfRule } from './rule-facts.tsx';
import { concernsRules, RuleKeysQuery, RuleQuery, type RuleDetails } from './rule-query.ts';

/** A rule: which jobs it is for, what their keys may do, and the keys that it has issued. */
export default function RulePage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({ query: RuleQuery, variables: { id }, concerns: concernsRules });
  return (
    <LiveContent of={state} what="the rule" onRetry={readAgain}>
      {({ node }) => (node == null || !('conditions' in node) ? <MissingRule /> : <RuleView of={node} />)}
    </LiveContent>
  );
}

export function MissingRule() {
  return (
    <>
      <PageTitle title="There is no such rule" />
      <p>
        It does not exist, or you may not see it. <Link href={paths.rules}>All CI rules</Link>
      </p>
    </>
  );
}

function RuleView({ of: rule }: { readonly of: RuleDetails }) {
  const [opened, setOpened] = useState<'REMOVE' | 'REVOKE' | null>(null);
  const { realm } = rule.issuer;
  const isRemoved = rule.removedAt != null;
  return (
    <>
      <p className="quiet">
        <Link href={`${paths.rules}?realm=${encodeURIComponent(realm.slug)}`}>CI rules</Link>
      </p>
      <div className="title-row">
        <PageTitle title={rule.name} />
        <div className="buttons">
          {!isRemoved && (
            <>
              <Link className="button" href={paths.changedRule(rule.id)}>
                Change
              </Link>
              <button type="button" className="danger" onClick={() => setOpened('REMOVE')}>
                Remove
              </button>
            </>
          )}
          <button type="button" className="danger" onClick={() => setOpened('REVOKE')}>
            Revoke its keys
          </button>
        </div>
      </div>
      {rule.removedAt != null && (
        <p className="notice">
          The rule was removed <MomentButton at={rule.removedAt} />, and gives no keys since then.
        </p>
      )}
      <div className="columns">
        <div>
          <section className="sheet">
            <h2>Which jobs get a key</h2>
            <p>
              Jobs of <bdi>{rule.issuer.name}</bdi> (<code>{rule.issuer.url}</code>) whose token meets all of these:
            </p>
            <Conditions of={rule.conditions} />
          </section>
          <KeysOfRule id={rule.id} />
        </div>
        <div>
          <section className="sheet">
            <h2>What the key is</h2>
            <dl className="facts">
              <dt>May</dt>
              <dd>
                <ScopesOfRule of={rule.scopes} />
              </dd>
              <dt>Lives</dt>
              <dd>15 minutes</dd>
              <dt>Owner</dt>
              <dd>{rule.owner.name}</dd>
              <dt>Realm</dt>
              <dd>{realm.name}</dd>
              <dt>Labels</dt>
              <dd>
                <LabelsOfRule of={rule} />
              </dd>
              <dt>Audience</dt>
              <dd>
                <code>{rule.issuer.audience}</code>
              </dd>
              <dt>Changed</dt>
              <dd>
                <MomentButton at={rule.changedAt} />
              </dd>
              <dt>Id</dt>
              <dd>
                <code>{rule.id}</code>
              </dd>
            </dl>
          </section>
        </div>
      </div>
      {opened === 'REMOVE' && <RemoveRuleDialog of={rule} onClose={() => setOpened(null)} />}
      {opened === 'REVOKE' && <RevokeKeysDialog of={rule} onClose={() => setOpened(null)} />}
    </>
  );
}

function KeysOfRule({ id }: { readonly id: string }) {
  const now = useNow();
  const [state, readAgain] = useLiveQuery({
    query: RuleKeysQuery,
    variables: { id },
    concerns: ({ type }) => ['KEY_ISSUED', 'KEY_REVOKED', 'KEY_EXPIRED', 'OPERATION_ENDED'].includes(type),
  });
  const { data, problem } = readOutcome(state);
  const isWaiting = state.data === undefined && state.error === undefined;
  return (
    <section className="sheet">
      <h2>Its keys</h2>
      {isWaiting && <Waiting what="the keys" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {data !== null && (
        <p>
          It has issued {data.issued.toLocaleString('en')} {data.issued === 1 ? 'key' : 'keys'};{' '}
          {data.working.toLocaleString('en')} {data.working === 1 ? 'works' : 'work'} now.
        </p>
      )}
      {data !== null && data.keys.edges.length > 0 && (
        <ul className="plain-list">
          {data.keys.edges.map(({ node: key }) => (
            <li key={key.id} className="key-of-rule">
              <Link href={paths.key(key.id)}>{key.name}</Link>
              <StateOfKey of={key} />
              <span className="quiet">
                issued <RowMoment at={key.createdAt} isCounting={!isEndedKey(key, now)} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {data !== null && data.issued > data.keys.edges.length && (
        <p>
          <Link
            href={`${paths.keys}?rule=${encodeURIComponent(id)}&state=active&state=held&state=expired&state=revoked`}
          >
            All its keys
          </Link>
        </p>
      )}
    </section>
  );
}
