import '../lists.css';
import './settings.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { Problem } from '../../parts/problem.tsx';
import { SessionList } from '../../parts/session-list.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { useSession } from '../../session/session-context.ts';
import { DeviceForm } from './device-form.tsx';
import { PasswordForm } from './password-form.tsx';
import { Profile } from './profile.tsx';
import { AccountQuery, ownAccountOf, type OwnAccount } from './settings-query.ts';

/** What a person decides about the own account. */
export default function SettingsPage() {
  const [state, readAgain] = useLiveQuery({
    query: AccountQuery,
    variables: {},
    concerns: ({ type }) => type.startsWith('ACCOUNT_'),
  });
  return (
    <LiveContent of={state} what="your settings" onRetry={readAgain}>
      {(data) => <Settings of={ownAccountOf(data)} />}
    </LiveContent>
  );
}

function Settings({ of: account }: { readonly of: OwnAccount | null }) {
  const { isAdministrator } = useSession().account;
  if (account === null) return <Problem message="Only a person who is signed in has settings." />;
  return (
    <>
      <div className="title-row">
        <PageTitle title="Settings" />
        {isAdministrator && (
          <div className="buttons">
            <Link className="button" href={paths.gateway}>
              This gateway
            </Link>
          </div>
        )}
      </div>
      <div className="settings">
        <Profile of={account} />
        <PasswordForm email={account.email} />
        <SessionList accountId={account.id} sessions={account.sessions} sessionCount={account.sessionCount} />
        <DeviceForm />
      </div>
    </>
  );
}
