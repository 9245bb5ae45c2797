import './key.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { StateOfKey } from '../../parts/state-of-key.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { ChangesAhead } from './changes-ahead.tsx';
import { ChangeBar } from './change-bar.tsx';
import { FactsOfKey } from './facts-of-key.tsx';
import { KeysOfConsumer } from './keys-of-consumer.tsx';
import { History } from './history.tsx';
import { Holds } from './holds.tsx';
import { KeyQuery, type KeyDetails } from './key-query.ts';
import { OwnerAndRealm } from './owner-and-realm.tsx';
import { RotationChecklist } from './rotation-checklist.tsx';
import { Secrets } from './secrets.tsx';
import { TransferButton } from './transfer-button.tsx';
import { UpdateButton } from './update-button.tsx';
import { Usage } from './usage.tsx';
import { WhenItStops } from './when-it-stops.tsx';

/** A key: whether it works, why it stops when it does, who uses it, and what can be done. */
export default function KeyPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: KeyQuery,
    variables: { id },
    concerns: ({ keyId }) => keyId === id,
  });
  return (
    <LiveContent of={state} what="the key" onRetry={readAgain}>
      {({ key }) => (key == null ? <MissingKey /> : <KeyView of={key} />)}
    </LiveContent>
  );
}

function MissingKey() {
  return (
    <>
      <PageTitle title="There is no such key" />
      <p>
        It does not exist, or you may not see it. <Link href={paths.keys}>All keys</Link>
      </p>
    </>
  );
}

function KeyView({ of: key }: { readonly of: KeyDetails }) {
  const { path, search } = usePlace();
  // A link may lead to a change: ?do=rotate.
  const asked = new URLSearchParams(search).get('do')?.toUpperCase();
  const forget = () => {
    if (search !== '') navigate(path, { isReplaced: true });
  };
  return (
    <>
      <p className="quiet">
        <Link href={paths.keys}>Keys</Link>
      </p>
      <div className="title-row">
        <PageTitle title={key.name} />
        <StateOfKey of={key} />
        <ChangeBar of={key} asked={asked} onClose={forget}>
          <UpdateButton of={key} />
          <TransferButton of={key} />
        </ChangeBar>
      </div>
      {key.holds.length > 0 && <Holds of={key} />}
      <ChangesAhead of={key} />
      <div className="columns">
        <div>
          <WhenItStops of={key} />
          {key.rotation != null && <RotationChecklist of={key.rotation} />}
          <Usage of={key} showConsumer={(name) => <KeysOfConsumer name={name} />} />
          <Secrets of={key.secrets} />
          <History id={key.id} />
        </div>
        <div>
          <FactsOfKey of={key}>
            <OwnerAndRealm of={key} />
          </FactsOfKey>
        </div>
      </div>
    </>
  );
}
