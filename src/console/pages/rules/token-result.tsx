import { useEffect, useRef } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { ExplainedToken } from './read-explanation.ts';

type JudgedRuleOfPage = ExplainedToken['rules'][number];

/** What the gateway would do with a token, rule by rule and claim by claim. */
export function TokenResult({ of: explained }: { readonly of: ExplainedToken }) {
  const { problems, issuer, rules } = explained;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [explained]);
  const first = rules.find(({ isMatch }) => isMatch);
  const isExchanged = problems.length === 0 && first !== undefined;
  return (
    <section aria-label="Result">
      <div className="sheet result">
        <h2 ref={heading} tabIndex={-1}>
          {isExchanged ? `A job with this token gets a key by the rule ${first.rule.name}` : 'No key for this token'}
        </h2>
        {problems.length > 0 && (
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        )}
        {issuer !== null && first === undefined && problems.length === 0 && (
          <p>{rules.length === 0 ? `${issuer.name} has no rule.` : `No rule of ${issuer.name} matches.`}</p>
        )}
      </div>
      {rules.map((judged) => (
        <JudgedRuleView key={judged.rule.id} of={judged} isFirst={judged === first} />
      ))}
    </section>
  );
}

function JudgedRuleView({ of: judged, isFirst }: { readonly of: JudgedRuleOfPage; readonly isFirst: boolean }) {
  const { rule, isMatch, refused, conditions, omittedLabels } = judged;
  return (
    <section className="sheet result">
      <h3>
        <Match isMatch={isMatch} /> <Link href={paths.rule(rule.id)}>{rule.name}</Link>
      </h3>
      {isMatch && !isFirst && <p className="quiet">An earlier rule matches too, and counts.</p>}
      {refused != null && (
        <p>
          The rule refuses jobs with <code>{refused}</code>, such as those of a pull request. A condition that compares
          this claim exactly would allow them.
        </p>
      )}
      <DataTable name={`Conditions of ${rule.name}`} columns={['Claim', 'The rule wants', 'The token has', 'Result']}>
        {conditions.map(({ claim, equals, matches, found, holds }, index) => (
          <tr key={index}>
            <td>
              <code>{claim}</code>
            </td>
            <td>
              {equals == null && 'like '}
              <code>{equals ?? matches}</code>
            </td>
            <td>{found == null ? 'nothing' : <code>{found}</code>}</td>
            <td>
              <Match isMatch={holds} />
            </td>
          </tr>
        ))}
      </DataTable>
      {omittedLabels.map(({ name, claim, problem }) => (
        <p key={name}>
          The key would not get the label <code>{name}</code> from <code>{claim}</code>: {problem}
        </p>
      ))}
    </section>
  );
}

/** Whether something matches: a word, with a shape of its own. */
function Match({ isMatch }: { readonly isMatch: boolean }) {
  return (
    <span className={isMatch ? 'state state-active' : 'state state-held'}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={isMatch ? 'M2.5 8.5l3.5 4 7.5-9' : 'M3.5 3.5l9 9M12.5 3.5l-9 9'} />
      </svg>
      {isMatch ? 'Matches' : 'Does not match'}
    </span>
  );
}
