import '../lists.css';
import './gateway.css';
import { AdministratorsOnly } from '../../parts/administrators-only.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { GatewayFacts } from './gateway-facts.tsx';
import { RunningNodes } from './running-nodes.tsx';
import { SettingsInForce } from './settings-in-force.tsx';

/** The gateway itself, for administrators: the health of the node that answers, all nodes, and the settings in force. */
export default function GatewayPage() {
  const { account } = useSession();
  if (!account.isAdministrator) {
    return (
      <AdministratorsOnly title="This gateway">
        It shows the settings and the nodes of the gateway. Ask an administrator, or see{' '}
        <Link href={paths.settings}>your own settings</Link>.
      </AdministratorsOnly>
    );
  }
  return (
    <>
      <p className="quiet">
        <Link href={paths.settings}>Settings</Link>
      </p>
      <div className="title-row">
        <PageTitle title="This gateway" />
      </div>
      <div className="stack gateway">
        <GatewayFacts />
        <RunningNodes />
        <SettingsInForce />
      </div>
    </>
  );
}
