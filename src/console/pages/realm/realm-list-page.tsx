import '../lists.css';
import { useState } from 'react';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Problem } from '../../parts/problem.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { DurationWords } from './duration-field.tsx';
import { RealmListQuery } from './realm-query.ts';

/** The realms: each is an API with its own actions, limits and form of secrets. */
export default function RealmListPage() {
  const { account } = useSession();
  const [search, setSearch] = useState('');
  return (
    <>
      <div className="title-row">
        <PageTitle title="Realms" />
        {account.isAdministrator && (
          <div className="buttons">
            <Link className="button primary" href={paths.newRealm}>
              Make a realm
            </Link>
          </div>
        )}
      </div>
      <p className="quiet">
        A realm is one API: what its keys may do, how long they may live, and what their secrets look like.
      </p>
      <SearchField label="Name" onSearch={setSearch} />
      <RealmList search={search} />
    </>
  );
}

function RealmList({ search }: { readonly search: string }) {
  const [state, readAgain] = useLiveQuery({
    query: RealmListQuery,
    variables: { search },
    concerns: ({ type }) => type.startsWith('REALM_') || type.startsWith('ACTION_'),
  });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the realms" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem message={problem} onRetry={readAgain} />;
  const { edges, pageInfo } = data.realms;
  if (edges.length === 0) return <p>No realm has this name.</p>;
  return (
    <section className="sheet">
      <DataTable name="Realms" columns={['Name', 'Slug', 'Secrets begin with', 'Actions', 'Keys live at most']}>
        {edges.map(({ node: { slug, name, secretPrefix, actions, longestLifetime } }) => (
          <tr key={slug}>
            <td>
              <Link href={paths.realm(slug)}>{name}</Link>
            </td>
            <td>
              <code>{slug}</code>
            </td>
            <td>
              <code>{secretPrefix}</code>
            </td>
            <td>{actions.filter(({ retiredAt }) => retiredAt === null).length}</td>
            <td>
              <DurationWords of={longestLifetime} />
            </td>
          </tr>
        ))}
      </DataTable>
      {pageInfo.hasNextPage && <p>There are more: search for a name.</p>}
    </section>
  );
}
