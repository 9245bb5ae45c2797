import { useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem, SelectField } from '../../parts/fields.tsx';
import { PersonField } from '../../parts/person-field.tsx';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { setMemberDocument } from './organization-query.ts';

interface AddMemberProps {
  readonly organizationId: string;
  readonly mayGrantOwner: boolean;
}

/** Adds a person who has an account. An administrator adds at once, all others invite: the person joins on the page of organizations. */
export function AddMember({ organizationId, mayGrantOwner }: AddMemberProps) {
  const { account } = useSession();
  const [accountId, setAccountId] = useState('');
  const [role, setRole] = useState<'OWNER' | 'ADMIN' | 'MEMBER'>('MEMBER');
  const [refusal, setRefusal] = useState<string | null>(null);
  const [addedCount, setAddedCount] = useState(0);
  const [setMember, { isRunning, problem }] = useChange(setMemberDocument, 'setMember');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    setRefusal(accountId === '' ? 'Choose a person from those found, or paste the id of the account.' : null);
    if (accountId === '') return;
    const input = { organizationId, accountId, role, idempotencyKey: newIdempotencyKey() };
    const success = await setMember({ input });
    if (success === null) return;
    setAccountId('');
    setAddedCount(addedCount + 1);
    announce(success.isInvited ? 'The person is invited.' : 'The person is a member.');
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <h3>Add a person who has an account</h3>
      <PersonField
        key={addedCount}
        label="Person"
        hint={
          account.isAdministrator
            ? 'Type a part of the name or email, and choose.'
            : 'Type a part of the name, or paste the id of the account, which the person sends to you from the own page. The person then joins on the page of organizations.'
        }
        value={accountId}
        onChange={setAccountId}
      />
      <SelectField label="Role" value={role} onChange={({ target }) => setRole(target.value as typeof role)}>
        <option>MEMBER</option>
        <option>ADMIN</option>
        {mayGrantOwner && <option>OWNER</option>}
      </SelectField>
      <FormProblem text={refusal ?? problem} />
      <div className="buttons">
        <button type="submit" aria-disabled={isRunning}>
          Add
        </button>
      </div>
    </form>
  );
}
