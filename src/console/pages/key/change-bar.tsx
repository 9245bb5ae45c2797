import { useState, type ReactNode } from 'react';
import type { KeyAction } from '../../api/operations.ts';
import { shownState } from '../../parts/key-state.ts';
import { useNow } from '../../parts/use-now.ts';
import { ChangeDialog } from './change-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import {
  CONFIRM_ROTATION,
  HOLD,
  RENEW,
  RESCUE,
  RESUME,
  REVOKE,
  UNDO_ROTATION,
  type KeyChangeForm,
} from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';

type Opened = KeyChangeForm | 'ROTATE';

interface ChangeBarProps {
  readonly of: KeyDetails;
  /** The change whose dialog is open at first, if the viewer may make it: a link has led to it. Default: none. */
  readonly asked?: string | undefined;
  readonly onClose?: () => void;
  /** Further buttons. They stand before the one that ends the key for good, which comes last. */
  readonly children?: ReactNode;
}

/** What can be done with a key now. Each opens a dialog that says what it will break before it is done. */
export function ChangeBar({ of: key, asked, onClose, children }: ChangeBarProps) {
  const state = shownState(key, useNow());
  const entries: readonly (readonly [Opened, string, KeyAction])[] = [
    state === 'expired' ? [RESCUE, 'Rescue', 'RENEW'] : [RENEW, 'Renew', 'RENEW'],
    ['ROTATE', 'Rotate', 'ROTATE'],
    [UNDO_ROTATION, 'Undo the rotation', 'UNDO_ROTATION'],
    [CONFIRM_ROTATION, 'End the rotation', 'CONFIRM_ROTATION'],
    [RESUME, 'Resume', 'RESUME'],
    [HOLD, 'Hold', 'HOLD'],
    [REVOKE, 'Revoke', 'REVOKE'],
  ];
  const [opened, setOpened] = useState<Opened | null>(
    () => entries.find(([, , action]) => action === asked && key.viewerCan.includes(action))?.[0] ?? null,
  );
  const close = () => {
    setOpened(null);
    onClose?.();
  };
  const buttons = entries
    .filter(([, , action]) => key.viewerCan.includes(action))
    .map(([change, name]) => (
      <button key={name} type="button" className={change === REVOKE ? 'danger' : ''} onClick={() => setOpened(change)}>
        {name}
      </button>
    ));
  const isRevocable = key.viewerCan.includes('REVOKE');
  return (
    <div className="buttons">
      {isRevocable ? buttons.slice(0, -1) : buttons}
      {children}
      {isRevocable && buttons.at(-1)}
      {opened === 'ROTATE' && <RotateDialog of={key} onClose={close} />}
      {opened !== null && opened !== 'ROTATE' && <ChangeDialog form={opened} of={key} onClose={close} />}
    </div>
  );
}
