import '../lists.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { SessionList } from '../../parts/session-list.tsx';
import { StateOfAccount } from '../../parts/state-of-account.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { PersonChanges } from './person-changes.tsx';
import { personOf, PersonQuery, type PersonDetails } from './people-query.ts';

/** A person: who that is, where that person is signed in, and what an administrator can change. */
export default function PersonPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: PersonQuery,
    variables: { id },
    concerns: ({ type }) => type.startsWith('ACCOUNT_') || type.startsWith('ORGANIZATION_'),
  });
  return (
    <LiveContent of={state} what="the person" onRetry={readAgain}>
      {(data) => <FoundPerson of={personOf(data)} />}
    </LiveContent>
  );
}

function FoundPerson({ of: person }: { readonly of: PersonDetails | null }) {
  if (person !== null) return <PersonView of={person} />;
  return (
    <>
      <PageTitle title="There is no such person" />
      <p>
        The account does not exist, or you may not see it. <Link href={paths.people}>All people</Link>
      </p>
    </>
  );
}

function PersonView({ of: person }: { readonly of: PersonDetails }) {
  const { account } = useSession();
  const isVisible = account.isAdministrator || account.id === person.id;
  return (
    <>
      <p className="quiet">
        <Link href={paths.people}>People</Link>
      </p>
      <div className="title-row">
        <PageTitle title={person.name} />
        <StateOfAccount disabledAt={person.disabledAt} />
        {account.isAdministrator && <PersonChanges of={person} />}
      </div>
      <div className="stack">
        <section className="sheet">
          <h2>Facts</h2>
          <dl className="facts">
            {person.email !== null && (
              <>
                <dt>Email</dt>
                <dd>{person.email}</dd>
              </>
            )}
            <dt>Administrator</dt>
            <dd>{person.isAdministrator ? 'yes: of all realms, people and keys' : 'no'}</dd>
            <dt>Organizations</dt>
            <dd>
              {person.memberships.length === 0 && 'none'}
              {person.memberships.map(({ role, organization }) => (
                <div key={organization.id}>
                  <Link href={paths.organization(organization.id)}>{organization.name}</Link>{' '}
                  <span className="quiet">{role}</span>
                </div>
              ))}
            </dd>
            <dt>Account since</dt>
            <dd>
              <MomentButton at={person.createdAt} />
            </dd>
            {person.lastSignInAt !== null && (
              <>
                <dt>Last signed in</dt>
                <dd>
                  <MomentButton at={person.lastSignInAt} />
                </dd>
              </>
            )}
            {person.noticesByMail !== null && (
              <>
                <dt>Notices by mail</dt>
                <dd>{person.noticesByMail ? 'yes' : 'no'}</dd>
              </>
            )}
            <dt>Id</dt>
            <dd>
              <code>{person.id}</code>
            </dd>
          </dl>
          <p>
            <Link href={`${paths.keys}?owner=${encodeURIComponent(person.id)}`}>Keys of this person</Link>
          </p>
        </section>
        {isVisible && (
          <SessionList accountId={person.id} sessions={person.sessions} sessionCount={person.sessionCount} />
        )}
      </div>
    </>
  );
}
