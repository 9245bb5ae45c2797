import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { disableAccountDocument, setAdministratorDocument, type PersonDetails } from './people-query.ts';

/** What an administrator can do with an account: disable or enable it, and give or take the right to administer. */
export function PersonChanges({ of: person }: { readonly of: PersonDetails }) {
  const [opened, setOpened] = useState<'DISABLE' | 'ADMINISTRATOR' | null>(null);
  const { disabledAt, isAdministrator } = person;
  const close = () => setOpened(null);
  return (
    <div className="buttons">
      {disabledAt === null && (
        <button type="button" onClick={() => setOpened('ADMINISTRATOR')}>
          {isAdministrator ? 'Take the administrator’s right' : 'Make an administrator'}
        </button>
      )}
      <button type="button" className={disabledAt === null ? 'danger' : ''} onClick={() => setOpened('DISABLE')}>
        {disabledAt === null ? 'Disable' : 'Enable'}
      </button>
      {opened === 'DISABLE' && <DisableDialog of={person} onClose={close} />}
      {opened === 'ADMINISTRATOR' && <AdministratorDialog of={person} onClose={close} />}
    </div>
  );
}

interface ChangeProps {
  readonly of: PersonDetails;
  readonly onClose: () => void;
}

function DisableDialog({ of: { id: accountId, name, disabledAt }, onClose }: ChangeProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [disabled] = useState(disabledAt === null);
  const [change, state] = useChange(disableAccountDocument, 'disableAccount');
  return (
    <AskDialog
      title={disabled ? `Disable ${name}` : `Enable ${name} again`}
      button={disabled ? 'Disable' : 'Enable'}
      done={disabled ? 'The account is disabled.' : 'The account is enabled.'}
      isDanger={disabled}
      hasReason
      state={state}
      run={(reason) => change({ input: { accountId, reason, idempotencyKey, ...(!disabled && { disabled }) } })}
      onClose={onClose}
    >
      {disabled ? (
        <p>
          All sessions end now, and the person cannot sign in. The keys of the account keep working; it gets no new
          ones.
        </p>
      ) : (
        <p>The person can sign in again with the password as before. This needs your own password.</p>
      )}
    </AskDialog>
  );
}

function AdministratorDialog({ of: { id: accountId, name, isAdministrator }, onClose }: ChangeProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [administrator] = useState(!isAdministrator);
  const [change, state] = useChange(setAdministratorDocument, 'setAdministrator');
  return (
    <AskDialog
      title={administrator ? `Make ${name} an administrator` : `Take the administrator’s right from ${name}`}
      button={administrator ? 'Make an administrator' : 'Take the right'}
      done={administrator ? `${name} is an administrator.` : `${name} is an administrator no longer.`}
      isDanger={!administrator}
      hasReason
      state={state}
      run={(reason) => change({ input: { accountId, administrator, reason, idempotencyKey } })}
      onClose={onClose}
    >
      <p>
        {administrator
          ? 'An administrator may do everything: all realms, people and keys. This needs your password.'
          : 'The account stays, with its own keys and organizations. It counts from its next request on.'}
      </p>
    </AskDialog>
  );
}
