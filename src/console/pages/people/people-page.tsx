import '../lists.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { SelectField } from '../../parts/fields.tsx';
import { InviteDialog } from '../../parts/invite-dialog.tsx';
import { Ago } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { StateOfAccount } from '../../parts/state-of-account.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { Invitations } from './invitations.tsx';
import { managedOf } from './managed-organizations.ts';
import { InviteChoicesQuery, PeopleQuery } from './people-query.ts';

const kinds = {
  ALL: {},
  OPEN: { isDisabled: false },
  DISABLED: { isDisabled: true },
  ADMINISTRATORS: { isAdministrator: true },
} as const;

/** The people who sign in here, and those who are invited. */
export default function PeoplePage() {
  const { account } = useSession();
  const [isInviting, setInviting] = useState(false);
  const [search, setSearch] = useState('');
  const [kind, setKind] = useState<keyof typeof kinds>('ALL');
  const [{ data: choices }] = useQuery({ query: InviteChoicesQuery, variables: {} });
  const managed = managedOf(choices, account.isAdministrator);
  return (
    <>
      <div className="title-row">
        <PageTitle title="People" />
        <div className="buttons">
          <Link className="button" href={paths.organizations}>
            Organizations
          </Link>
          {(account.isAdministrator || managed.length > 0) && (
            <button type="button" className="primary" onClick={() => setInviting(true)}>
              Invite a person
            </button>
          )}
        </div>
      </div>
      {!account.isAdministrator && <p className="quiet">You see yourself and the members of your organizations.</p>}
      <div className="list-filters">
        <SearchField label={account.isAdministrator ? 'Name or email' : 'Name'} onSearch={setSearch} />
        <SelectField label="Show" value={kind} onChange={({ target }) => setKind(target.value as keyof typeof kinds)}>
          <option value="ALL">all people</option>
          <option value="OPEN">who can sign in</option>
          <option value="DISABLED">who is disabled</option>
          <option value="ADMINISTRATORS">administrators</option>
        </SelectField>
      </div>
      <div className="stack">
        <Accounts search={search} kind={kind} />
        <Invitations />
      </div>
      {isInviting && <InviteDialog organizations={managed} onClose={() => setInviting(false)} />}
    </>
  );
}

function Accounts({ search, kind }: { readonly search: string; readonly kind: keyof typeof kinds }) {
  const { account } = useSession();
  const [state, readAgain] = useLiveQuery({
    query: PeopleQuery,
    variables: { filter: { search, ...kinds[kind] } },
    concerns: ({ type }) => type.startsWith('ACCOUNT_') || type.startsWith('ORGANIZATION_'),
  });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the people" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem message={problem} onRetry={readAgain} />;
  const { edges, pageInfo } = data.accounts;
  if (edges.length === 0) return <p>No person matches.</p>;
  const columns = ['Name', ...(account.isAdministrator ? ['Email'] : []), 'State', 'Organizations', 'Last signed in'];
  return (
    <section className="sheet">
      <DataTable name="People" columns={columns}>
        {edges.map(({ node: { id, name, email, isAdministrator, disabledAt, lastSignInAt, memberships } }) => (
          <tr key={id}>
            <td>
              <Link href={paths.person(id)}>{name}</Link>
              {isAdministrator && <span className="quiet"> administrator</span>}
            </td>
            {account.isAdministrator && <td>{email}</td>}
            <td>
              <StateOfAccount disabledAt={disabledAt} />
            </td>
            <td>{memberships.map(({ organization }) => organization.name).join(', ')}</td>
            <td>{lastSignInAt === null ? <span className="quiet">not known</span> : <Ago at={lastSignInAt} />}</td>
          </tr>
        ))}
      </DataTable>
      {pageInfo.hasNextPage && <p>There are more: search for a name.</p>}
    </section>
  );
}
