import { useState, type FormEvent } from 'react';
import { graphql } from '../api/graphql.ts';
import { useChange, useRequestNames } from '../api/use-change.ts';
import { Dialog } from './dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from './fields.tsx';
import { LostDialog } from './lost-dialog.tsx';
import { MomentButton } from './moment-button.tsx';
import { roleMeanings } from './role-meanings.ts';
import { useShowOnce } from './shown-once.tsx';
import { paths } from '../routes.ts';
import { useSession } from '../session/session-context.ts';
import { announce } from '../shell/announce.tsx';

const inviteDocument = graphql(`
  mutation InviteOnPage($input: InviteAccountInput!) {
    inviteAccount(input: $input) {
      ... on InviteAccountSuccess {
        token
        expiresAt
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** An organization to which the person at the page may invite. */
export interface ManagedOrganization {
  readonly id: string;
  readonly name: string;
}

interface InviteDialogProps {
  /** The organizations to which the person may invite. */
  readonly organizations: readonly ManagedOrganization[];
  /** Whether the first of them is the one: it is the page of that organization. */
  readonly isFixed?: boolean;
  readonly onClose: () => void;
}

/** Invites a person: asks whom, and then has the page show the link to hand over, once. */
export function InviteDialog({ organizations, isFixed = false, onClose }: InviteDialogProps) {
  const [isLost, setLost] = useState(false);
  if (isLost) {
    return (
      <LostDialog what="link" done="The invitation was made" onClose={onClose}>
        take the invitation back on the page People, and invite again.
      </LostDialog>
    );
  }
  return (
    <Dialog title="Invite a person" onClose={onClose}>
      <InviteForm organizations={organizations} isFixed={isFixed} onLost={() => setLost(true)} onClose={onClose} />
    </Dialog>
  );
}

interface InviteFormProps extends InviteDialogProps {
  readonly onLost: () => void;
}

function InviteForm({ organizations, isFixed, onLost, onClose }: InviteFormProps) {
  const { account } = useSession();
  const showOnce = useShowOnce();
  const nameRequest = useRequestNames();
  const [email, setEmail] = useState('');
  const [organization, setOrganization] = useState(
    account.isAdministrator && isFixed !== true ? '' : (organizations[0]?.id ?? ''),
  );
  const [role, setRole] = useState<'OWNER' | 'ADMIN' | 'MEMBER'>('MEMBER');
  const [administrator, setAdministrator] = useState(false);
  const [invite, { isRunning, problem }] = useChange(inviteDocument, 'inviteAccount');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const input = {
      email: email.trim(),
      ...(administrator && { administrator }),
      ...(organization !== '' && { organization, role }),
    };
    const success = await invite({ input: { ...input, idempotencyKey: nameRequest(input) } });
    if (success === null) return;
    announce('The invitation is made.');
    if (success.token == null) return onLost();
    onClose();
    showOnce({
      title: 'Hand this link over',
      what: 'link',
      text: `${window.location.origin}${paths.invitation}#${success.token}`,
      meaning: (
        <>
          Keytide mails nothing: send the link to {input.email} yourself. It is shown only now, works once, and until{' '}
          <MomentButton at={success.expiresAt} />.
        </>
      ),
    });
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextField
        label="Email"
        type="email"
        required
        maxLength={254}
        autoComplete="off"
        value={email}
        hint="The person signs in with this address."
        onChange={({ target }) => setEmail(target.value)}
      />
      <SelectField label="Organization" value={organization} onChange={({ target }) => setOrganization(target.value)}>
        {account.isAdministrator && isFixed !== true && <option value="">none</option>}
        {organizations.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {organization !== '' && (
        <SelectField label="Role" value={role} onChange={({ target }) => setRole(target.value as typeof role)}>
          {Object.entries(roleMeanings).map(([name, meaning]) => (
            <option key={name} value={name}>
              {name}: {meaning}
            </option>
          ))}
        </SelectField>
      )}
      {account.isAdministrator && (
        <CheckField
          label="Administrator of this gateway"
          hint="May do everything: all realms, people and keys. This needs your password."
          checked={administrator}
          onChange={({ target }) => setAdministrator(target.checked)}
        />
      )}
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Invite
        </button>
      </div>
    </form>
  );
}
