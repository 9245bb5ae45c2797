import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextField } from '../../parts/fields.tsx';
import { renameOrganizationDocument, type OrganizationDetails } from './organization-query.ts';

interface RenameDialogProps {
  readonly of: Pick<OrganizationDetails, 'id' | 'name'>;
  readonly onClose: () => void;
}

/** Gives an organization another name. */
export function RenameDialog({ of: { id: organizationId, name: before }, onClose }: RenameDialogProps) {
  const [name, setName] = useState(before);
  const [rename, state] = useChange(renameOrganizationDocument, 'renameOrganization');
  return (
    <AskDialog
      title={`Rename ${before}`}
      button="Rename"
      done={`The organization is called ${name.trim()}.`}
      state={state}
      run={() => rename({ input: { organizationId, name: name.trim(), idempotencyKey: newIdempotencyKey() } })}
      onClose={onClose}
      fields={
        <TextField
          label="New name"
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      }
    >
      <p>Its keys, members and links stay. What is recorded already keeps the earlier name.</p>
    </AskDialog>
  );
}
