import '../lists.css';
import './realms.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { Actions } from './actions.tsx';
import { Ceilings } from './ceilings.tsx';
import { ForeignSecretsOfRealm } from './foreign-secrets.tsx';
import { Freezes } from './freezes.tsx';
import { RealmForm } from './realm-form.tsx';
import { SettingsOfRealm } from './realm-facts.tsx';
import { SubjectCeilings } from './subject-ceilings.tsx';
import { RealmQuery, type RealmDetails } from './realm-query.ts';

/** A realm: what its keys may do, and its limits. Administrators change them here. */
export default function RealmPage({ slug }: { readonly slug: string }) {
  const [state, readAgain] = useLiveQuery({
    query: RealmQuery,
    variables: { slug },
    concerns: ({ type }) => type.startsWith('REALM_') || type.startsWith('ACTION_'),
  });
  return (
    <LiveContent of={state} what="the realm" onRetry={readAgain}>
      {({ realm }) => (realm == null ? <MissingRealm /> : <RealmView of={realm} />)}
    </LiveContent>
  );
}

function MissingRealm() {
  return (
    <>
      <PageTitle title="There is no such realm" />
      <p>
        It does not exist, or you may not see it. <Link href={paths.realms}>All realms</Link>
      </p>
    </>
  );
}

function RealmView({ of: realm }: { readonly of: RealmDetails }) {
  const { account } = useSession();
  return (
    <>
      <p className="quiet">
        <Link href={paths.realms}>Realms</Link>
      </p>
      <div className="title-row">
        <PageTitle title={realm.name} />
        <div className="buttons">
          <Link className="button" href={`${paths.keys}?realm=${encodeURIComponent(realm.slug)}`}>
            Its keys
          </Link>
        </div>
      </div>
      <div className="columns">
        <div>
          <Actions of={realm} isAdministrator={account.isAdministrator} />
          <Ceilings of={realm} isAdministrator={account.isAdministrator} />
          <SubjectCeilings of={realm} isAdministrator={account.isAdministrator} />
        </div>
        <div>
          <Freezes of={realm} isAdministrator={account.isAdministrator} />
          {account.isAdministrator ? <RealmForm of={realm} /> : <SettingsOfRealm of={realm} />}
          <ForeignSecretsOfRealm of={realm} isAdministrator={account.isAdministrator} />
        </div>
      </div>
    </>
  );
}
