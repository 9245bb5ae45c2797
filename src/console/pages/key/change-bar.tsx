import { useState } from 'react';
import type { KeyAction } from '../../api/operations.ts';
import { shownState } from '../../parts/key-state.ts';
import { useNow } from '../../parts/use-now.ts';
import { ChangeDialog } from './change-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { HOLD, RENEW, RESUME, REVOKE, UNDO_ROTATION, type KeyChangeForm } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';

type Opened = KeyChangeForm | 'ROTATE';

/** What can be done with a key now. Each opens a dialog that says what it will break before it is done. */
export function ChangeBar({ of: key }: { readonly of: KeyDetails }) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const state = shownState(key, useNow());
  const entries: readonly (readonly [Opened, string, KeyAction])[] = [
    [RENEW, state === 'expired' ? 'Rescue' : 'Renew', 'RENEW'],
    ['ROTATE', 'Rotate', 'ROTATE'],
    [UNDO_ROTATION, 'Undo the rotation', 'UNDO_ROTATION'],
    [RESUME, 'Resume', 'RESUME'],
    [HOLD, 'Hold', 'HOLD'],
    [REVOKE, 'Revoke', 'REVOKE'],
  ];
  const close = () => setOpened(null);
  return (
    <div className="buttons">
      {entries
        .filter(([, , action]) => key.viewerCan.includes(action))
        .map(([change, name]) => (
          <button
            key={name}
            type="button"
            className={change === REVOKE ? 'danger' : ''}
            onClick={() => setOpened(change)}
          >
            {name}
          </button>
        ))}
      {opened === 'ROTATE' && <RotateDialog of={key} onClose={close} />}
      {opened !== null && opened !== 'ROTATE' && <ChangeDialog form={opened} of={key} onClose={close} />}
    </div>
  );
}
