import { useId, useState, type FormEvent } from 'react';
import type { TokenPreset } from '../../api/operations.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem, SelectField, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import { trustIssuerDocument } from './issuer-query.ts';
import { providers } from './provider-names.ts';

const empty = { preset: 'GITHUB_ACTIONS' as TokenPreset | '', url: '', name: '', audience: '', keySet: '' };

interface TrustFormProps {
  readonly realm: string;
  readonly onEnd: () => void;
}

/** Makes a realm trust a provider. What is left empty gets the default of the gateway. */
export function TrustForm({ realm, onEnd }: TrustFormProps) {
  const [draft, setDraft] = useState(empty);
  const [trust, { isRunning, problem }] = useChange(trustIssuerDocument, 'trustIssuer');
  const set = (changes: Partial<typeof empty>) => setDraft({ ...draft, ...changes });
  const usual = draft.preset === '' ? null : providers[draft.preset].url;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const { preset, ...texts } = draft;
    const given = Object.fromEntries(
      Object.entries(texts).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]])),
    );
    const input = { realm, ...(preset !== '' && { preset }), ...given, idempotencyKey: newIdempotencyKey() };
    if ((await trust({ input })) === null) return;
    announce('The provider is trusted. Add a rule, so that its jobs get keys.');
    onEnd();
  };
  return (
    <form className="sheet form" onSubmit={(event) => void submit(event)} aria-label="Trust a provider">
      <h2>Trust a provider</h2>
      <p className="quiet">Trust alone gives no job a key: rules do. Without a rule its tokens are refused.</p>
      <SelectField
        label="Provider"
        value={draft.preset}
        onChange={({ target }) => set({ preset: target.value as TokenPreset | '' })}
      >
        {Object.entries(providers).map(([name, { title }]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
        <option value="">another issuer of OpenID Connect tokens</option>
      </SelectField>
      <TextField
        label={usual === null ? 'URL of the issuer' : 'URL of the issuer (not required)'}
        required={usual === null}
        maxLength={500}
        spellCheck={false}
        autoComplete="off"
        placeholder={usual ?? 'https://…'}
        value={draft.url}
        hint={`Exactly as in the claim iss of its tokens.${usual === null ? '' : ` Empty: ${usual}.`}`}
        onChange={({ target }) => set({ url: target.value })}
      />
      <TextField
        label="Name (not required)"
        maxLength={100}
        autoComplete="off"
        value={draft.name}
        hint="For people. Empty: the name of the provider."
        onChange={({ target }) => set({ name: target.value })}
      />
      <TextField
        label="Audience (not required)"
        maxLength={500}
        spellCheck={false}
        autoComplete="off"
        value={draft.audience}
        hint={`What its tokens must have in the claim aud. Empty: the address of the gateway, a slash and ${realm}.`}
        onChange={({ target }) => set({ audience: target.value })}
      />
      <KeySetField value={draft.keySet} onChange={(keySet) => set({ keySet })} />
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Trust the provider
        </button>
      </div>
    </form>
  );
}

interface KeySetFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The public keys of an issuer that the gateway cannot reach. */
export function KeySetField({ value, onChange }: KeySetFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Public keys (not required)</label>
      <textarea
        id={id}
        rows={3}
        maxLength={50_000}
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        placeholder='{"keys": […]}'
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      <p className="hint" id={`${id}-hint`}>
        A JWK set, for an issuer that the gateway cannot reach. Empty: the gateway fetches them from the issuer.
      </p>
    </div>
  );
}
