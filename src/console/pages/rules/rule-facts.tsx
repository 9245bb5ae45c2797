import { Link } from '../../shell/link.tsx';
import { paths } from '../../routes.ts';
import type { RuleDetails } from './rule-query.ts';

/** The conditions of a rule as sentences. */
export function Conditions({ of: conditions }: { readonly of: RuleDetails['conditions'] }) {
  return (
    <ul className="plain-list conditions">
      {conditions.map(({ claim, equals, matches }, index) => (
        <li key={index}>
          <code>{claim}</code> {equals == null ? 'matches' : 'is'} <code>{equals ?? matches}</code>
        </li>
      ))}
    </ul>
  );
}

export function ScopesOfRule({ of: scopes }: { readonly of: RuleDetails['scopes'] }) {
  return (
    <ul className="plain-list conditions">
      {scopes.map(({ action, resource }, index) => (
        <li key={index}>
          <code>{action}</code> on <code>{resource}</code>
        </li>
      ))}
    </ul>
  );
}

export function LabelsOfRule({ of: { labels, claimLabels } }: { readonly of: RuleDetails }) {
  return (
    <ul className="plain-list conditions">
      {labels.map(({ name, value }) => (
        <li key={name}>
          <code>
            {name}={value}
          </code>
        </li>
      ))}
      {claimLabels.map(({ name, claim }) => (
        <li key={name}>
          <code>{name}</code> from the claim <code>{claim}</code>
        </li>
      ))}
      <li>
        <code>ci/consumer</code> from the project of the job
      </li>
    </ul>
  );
}

/** What stands in place of the pages for all but administrators. */
export function OnlyAdministrators() {
  return (
    <p>
      Only administrators see the CI rules. <Link href={paths.keys}>Go to the keys</Link>
    </p>
  );
}
