import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextField } from '../../parts/fields.tsx';
import { distrustIssuerDocument, updateIssuerDocument, type IssuerDetails } from './issuer-query.ts';
import { KeySetField } from './trust-form.tsx';

interface IssuerDialogProps {
  readonly of: IssuerDetails;
  readonly onClose: () => void;
}

/** Changes the name, the audience or the keys of an issuer. Only what the person changed is sent. */
export function ChangeIssuerDialog({ of: issuer, onClose }: IssuerDialogProps) {
  const [before] = useState(issuer);
  const [name, setName] = useState(before.name);
  const [audience, setAudience] = useState(before.audience);
  const [keySet, setKeySet] = useState('');
  const [update, state] = useChange(updateIssuerDocument, 'updateIssuer');
  const changes = {
    ...(name !== before.name && { name: name.trim() }),
    ...(audience !== before.audience && { audience: audience.trim() }),
    ...(keySet.trim() !== '' && { keySet: keySet.trim() }),
  };
  return (
    <AskDialog
      title={`Change ${before.name}`}
      button="Change the provider"
      done="The provider is changed."
      state={state}
      run={() => update({ input: { issuerId: before.id, ...changes, idempotencyKey: newIdempotencyKey() } })}
      onClose={onClose}
      fields={
        <>
          <TextField
            label="Name"
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <TextField
            label="Audience"
            required
            maxLength={500}
            spellCheck={false}
            autoComplete="off"
            value={audience}
            onChange={({ target }) => setAudience(target.value)}
          />
          <KeySetField value={keySet} onChange={setKeySet} />
        </>
      }
    >
      <p>
        It counts from the next token on: jobs that ask for another audience get no keys any longer. The URL cannot be
        changed: trust another provider instead.
      </p>
    </AskDialog>
  );
}

/** Asks whether a provider is to be trusted no longer. */
export function DistrustDialog({ of: { id: issuerId, name }, onClose }: IssuerDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [distrust, state] = useChange(distrustIssuerDocument, 'distrustIssuer');
  return (
    <AskDialog
      title={`Distrust ${name}`}
      button="Distrust"
      done="The provider is trusted no longer."
      isDanger
      hasReason
      state={state}
      run={(reason) => distrust({ input: { issuerId, reason, idempotencyKey } })}
      onClose={onClose}
    >
      <p>
        All of its rules end with it, and its jobs get no more keys. Keys that they have live to their end, within 15
        minutes: to end them now, press Revoke its keys on the page of a rule first. It cannot be taken back: trust the
        provider again, and add its rules again.
      </p>
    </AskDialog>
  );
}
