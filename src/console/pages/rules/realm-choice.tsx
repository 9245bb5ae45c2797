import { useQuery } from 'urql';
import { ChoiceFilter } from '../../parts/filter-fields.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { RealmsQuery } from './rule-query.ts';

/** Returns the realm of the address: a rule belongs to one. */
export function useRealmOfPlace(): string {
  return new URLSearchParams(usePlace().search).get('realm') ?? 'default';
}

/** Chooses the realm whose rules are shown. It is in the address. */
export function RealmChoice({ realm, path }: { readonly realm: string; readonly path: string }) {
  const [{ data }] = useQuery({ query: RealmsQuery, variables: {} });
  const realms = data?.realms.edges.map(({ node }) => node) ?? [];
  return (
    <div className="filters">
      <ChoiceFilter
        label="Realm"
        value={realm}
        onChange={(chosen) => navigate(`${path}?realm=${encodeURIComponent(chosen)}`)}
      >
        {!realms.some(({ slug }) => slug === realm) && <option value={realm}>{realm}</option>}
        {realms.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </ChoiceFilter>
    </div>
  );
}
