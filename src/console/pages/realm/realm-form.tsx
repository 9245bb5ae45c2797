import { useId, useState, type FormEvent } from 'react';
import { CheckField, FormProblem, SelectField, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import { DurationField } from './duration-field.tsx';
import { changedSettingsOf, draftOf, type RealmDraft } from './realm-draft.ts';
import type { RealmDetails } from './realm-query.ts';
import { CHANGED_MEANWHILE, useRealmChange } from './use-realm-change.ts';

/**
 * The settings of a realm. Only what the person changed is sent, also if others changed the realm meanwhile. A setting that
 * others changed too is not overwritten.
 */
export function RealmForm({ of: realm }: { readonly of: RealmDetails }) {
  const before = draftOf(realm);
  const [edited, setEdited] = useState<Partial<RealmDraft>>({});
  /** What the edited settings were before the person edited them. */
  const [bases, setBases] = useState<Partial<RealmDraft>>({});
  const [change, { isRunning, problem }] = useRealmChange(realm.slug);
  const [isDone, setDone] = useState(false);
  const [cancelCount, setCancelCount] = useState(0);
  const originsId = useId();
  const draft = { ...before, ...edited };
  const set = (changes: Partial<RealmDraft>) => {
    setDone(false);
    setEdited({ ...edited, ...changes });
    const names = Object.keys(changes) as (keyof RealmDraft)[];
    setBases({ ...Object.fromEntries(names.map((name) => [name, before[name]])), ...bases });
  };
  const discard = () => {
    setEdited({});
    setBases({});
  };
  const cancel = () => {
    discard();
    setCancelCount(cancelCount + 1);
  };
  // A field of a duration begins again with what another person has set, and when the changes are cancelled.
  const keyOf = (name: keyof RealmDraft) => `${name} ${String(before[name])} ${String(cancelCount)}`;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const success = await change((present) => {
      const now = draftOf(present);
      const names = Object.keys(edited) as (keyof RealmDraft)[];
      const isOvertaken = names.some((name) => now[name] !== bases[name] && now[name] !== edited[name]);
      return isOvertaken ? CHANGED_MEANWHILE : changedSettingsOf({ ...now, ...edited }, now);
    });
    if (success === null) return;
    discard();
    setDone(true);
    announce('The settings are saved.');
  };
  return (
    <form className="sheet" onSubmit={(event) => void submit(event)} aria-labelledby={`${originsId}-title`}>
      <h2 id={`${originsId}-title`}>Settings</h2>
      <TextField
        label="Name"
        required
        maxLength={100}
        value={draft.name}
        onChange={({ target }) => set({ name: target.value })}
      />
      <p className="hint">
        Slug: <code>{realm.slug}</code>. It can never be changed.
      </p>
      <TextField
        label="Secrets begin with"
        required
        maxLength={24}
        pattern="([a-z0-9]+_)+"
        spellCheck={false}
        value={draft.secretPrefix}
        hint="For new secrets. Secrets with an earlier prefix stay valid."
        onChange={({ target }) => set({ secretPrefix: target.value })}
      />
      <DurationField
        key={keyOf('shortestLifetime')}
        label="A key lives at least"
        hint="The shortest lifetime that may be requested. Policies can only raise it."
        value={draft.shortestLifetime}
        onChange={(shortestLifetime) => set({ shortestLifetime })}
      />
      <DurationField
        key={keyOf('longestLifetime')}
        label="A key lives at most"
        hint="The longest lifetime that may be requested. Policies can only lower it; existing keys keep their expiry."
        value={draft.longestLifetime}
        onChange={(longestLifetime) => set({ longestLifetime })}
      />
      <DurationField
        key={keyOf('minimumNotice')}
        label="Notice of an earlier stop"
        hint="How far ahead a policy must announce that it shortens a key’s life."
        value={draft.minimumNotice}
        onChange={(minimumNotice) => set({ minimumNotice })}
      />
      <DurationField
        key={keyOf('longestShift')}
        label="A freeze postpones a stop by at most"
        hint="A stop that would move further stays where it is."
        value={draft.longestShift}
        onChange={(longestShift) => set({ longestShift })}
      />
      <SelectField
        label="A leaked key is"
        value={draft.leakResponse}
        onChange={({ target }) => set({ leakResponse: target.value as RealmDraft['leakResponse'] })}
      >
        <option value="HOLD">held, until a person resumes it</option>
        <option value="REVOKE">revoked for good</option>
      </SelectField>
      <CheckField
        label="Resources match without regard to case"
        checked={draft.foldsCase}
        onChange={({ target }) => set({ foldsCase: target.checked })}
      />
      <CheckField
        label="Keys can be exchanged for signed tokens"
        hint="Such a token works for up to 5 minutes after its key was revoked."
        checked={draft.signedTokens}
        onChange={({ target }) => set({ signedTokens: target.checked })}
      />
      <TextField
        label="Customers get mails from (not required)"
        maxLength={100}
        value={draft.senderName}
        hint="The name of your API, as your customers know it. Empty: they get no mails before their keys stop."
        onChange={({ target }) => set({ senderName: target.value })}
      />
      {draft.senderName !== '' && (
        <>
          <TextField
            label="Their answers go to (not required)"
            type="email"
            value={draft.replyTo}
            onChange={({ target }) => set({ replyTo: target.value })}
          />
          <TextField
            label="The mails link to this page of yours (not required)"
            type="url"
            value={draft.keysPage}
            hint="Where your customers see their keys."
            onChange={({ target }) => set({ keysPage: target.value })}
          />
        </>
      )}
      <div className="field">
        <label htmlFor={originsId}>Origins of your portal pages (not required)</label>
        <textarea
          id={originsId}
          rows={3}
          spellCheck={false}
          aria-describedby={`${originsId}-hint`}
          value={draft.portalOrigins}
          onChange={({ target }) => set({ portalOrigins: target.value })}
        />
        <p className="hint" id={`${originsId}-hint`}>
          One a line, such as https://app.example. Other pages are refused.
        </p>
      </div>
      <FormProblem text={problem} />
      {isDone && <p>Saved.</p>}
      <div className="buttons">
        {Object.keys(edited).length > 0 && (
          <button type="button" onClick={cancel}>
            Cancel the changes
          </button>
        )}
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Save the settings
        </button>
      </div>
    </form>
  );
}
