import '../lists.css';
import { useState, type FormEvent } from 'react';
import { readOutcome } from '../../api/client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { Problem } from '../../parts/problem.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import { createOrganizationDocument, OrganizationListQuery } from './organization-query.ts';
import { OwnInvitations } from './own-invitations.tsx';

/** The organizations: groups of people who own keys together. */
export default function OrganizationListPage() {
  const { account } = useSession();
  const [isMaking, setMaking] = useState(false);
  const [search, setSearch] = useState('');
  return (
    <>
      <p className="quiet">
        <Link href={paths.people}>People</Link>
      </p>
      <div className="title-row">
        <PageTitle title="Organizations" />
        <div className="buttons">
          <button type="button" className="primary" onClick={() => setMaking(true)}>
            Make an organization
          </button>
        </div>
      </div>
      <p className="quiet">
        Keys of an organization stay when a person leaves.
        {!account.isAdministrator && ' You see those that you belong to.'}
      </p>
      <OwnInvitations />
      <SearchField label="Name" onSearch={setSearch} />
      <OrganizationList search={search} />
      {isMaking && <NewOrganizationDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function OrganizationList({ search }: { readonly search: string }) {
  const [state, readAgain] = useLiveQuery({
    query: OrganizationListQuery,
    variables: { search },
    concerns: ({ type }) => type.startsWith('ORGANIZATION_') || type.startsWith('ACCOUNT_'),
  });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the organizations" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem message={problem} onRetry={readAgain} />;
  const { edges, pageInfo } = data.organizations;
  if (edges.length === 0) {
    return <p>{search === '' ? 'There is no organization yet.' : 'No organization has this name.'}</p>;
  }
  return (
    <section className="sheet">
      <DataTable name="Organizations" columns={['Name', 'Owners', 'Members']}>
        {edges.map(({ node: { id, name, members } }) => {
          const owners = members.filter(({ role }) => role === 'OWNER').map(({ account }) => account.name);
          return (
            <tr key={id}>
              <td>
                <Link href={paths.organization(id)}>{name}</Link>
              </td>
              <td>{owners.join(', ')}</td>
              <td>{members.length}</td>
            </tr>
          );
        })}
      </DataTable>
      {pageInfo.hasNextPage && <p>There are more: search for a name.</p>}
    </section>
  );
}

function NewOrganizationDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const [create, { isRunning, problem }] = useChange(createOrganizationDocument, 'createOrganization');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const success = await create({ input: { name: name.trim(), idempotencyKey } });
    if (success === null) return;
    announce('The organization is made.');
    navigate(paths.organization(success.organization.id));
  };
  return (
    <Dialog title="Make an organization" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextField
          label="Name"
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          hint="You become its first OWNER."
          onChange={({ target }) => {
            setName(target.value);
            // Another name is another request.
            setIdempotencyKey(newIdempotencyKey());
          }}
        />
        <FormProblem text={problem} />
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
