import { useLiveQuery } from '../live/use-live-query.ts';
import { ChangesAhead } from '../pages/key/changes-ahead.tsx';
import { ChangeBar } from '../pages/key/change-bar.tsx';
import { History } from '../pages/key/history.tsx';
import { Holds } from '../pages/key/holds.tsx';
import { FactsOfKey } from '../pages/key/facts-of-key.tsx';
import { KeyQuery, type KeyDetails } from '../pages/key/key-query.ts';
import { RotationChecklist } from '../pages/key/rotation-checklist.tsx';
import { Secrets } from '../pages/key/secrets.tsx';
import { Usage } from '../pages/key/usage.tsx';
import { WhenItStops } from '../pages/key/when-it-stops.tsx';
import { LiveContent } from '../parts/live-content.tsx';
import { StateOfKey } from '../parts/state-of-key.tsx';
import type { PortalRights } from './portal-query.ts';
import { ViewTitle } from './view-title.tsx';

interface MyKeyProps {
  readonly id: string;
  readonly rights: PortalRights;
  readonly onClose: () => void;
}

/** One key of the customer, as the console shows it. */
export function MyKey({ id, rights, onClose }: MyKeyProps) {
  const [state, readAgain] = useLiveQuery({
    query: KeyQuery,
    variables: { id },
    concerns: ({ keyId }) => keyId === id,
  });
  return (
    <>
      <p>
        <button type="button" onClick={onClose}>
          All keys
        </button>
      </p>
      <LiveContent of={state} what="the key" onRetry={readAgain}>
        {({ key }) =>
          key == null ? (
            <ViewTitle title="There is no such key" isFocused />
          ) : (
            <MyKeyView of={key} isFollowed={rights.may.includes('EVENTS')} />
          )
        }
      </LiveContent>
    </>
  );
}

interface MyKeyViewProps {
  readonly of: KeyDetails;
  /** Whether the customer may see the events of the key. */
  readonly isFollowed: boolean;
}

function MyKeyView({ of: key, isFollowed }: MyKeyViewProps) {
  return (
    <>
      <div className="title-row">
        <ViewTitle title={key.name} isFocused />
        <StateOfKey of={key} />
        <ChangeBar of={key} />
      </div>
      {key.holds.length > 0 && <Holds of={key} />}
      <ChangesAhead of={key} />
      <div className="sections">
        <WhenItStops of={key} />
        {key.rotation != null && <RotationChecklist of={key.rotation} />}
        <FactsOfKey of={key} />
        <Usage of={key} />
        <Secrets of={key.secrets} />
        {isFollowed && <History id={key.id} />}
      </div>
    </>
  );
}
