import { useId, useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../api/use-change.ts';
import { issueDocument, type IssueBoundsOfOwner, type IssueRules } from '../pages/issue/issue-query.ts';
import { allowedLives, emptyDraft, inputOf, type NewKeyDraft } from '../pages/issue/key-draft.ts';
import { LifeField } from '../pages/issue/life-field.tsx';
import { announce } from '../shell/announce.tsx';
import { isWithin, listGrantable } from './grantable-scopes.ts';
import type { PortalRights } from './portal-query.ts';
import { ScopeChoices, type ChosenScopes } from './scope-choices.tsx';

/** What holds for the keys of the customer. */
export interface RulesOfCustomer {
  readonly realm: NonNullable<IssueRules['realm']>;
  readonly bounds: IssueBoundsOfOwner;
}

/** A key that was issued. Its secret is null if the request repeats an earlier one, and the secret can no longer be shown. */
export interface IssuedKey {
  readonly secret: string | null;
  readonly key: { readonly name: string; readonly stopsAt: string | null };
}

interface MyKeyFormProps {
  readonly rights: PortalRights;
  readonly rules: RulesOfCustomer;
  readonly onCancel: () => void;
  readonly onIssued: (issued: IssuedKey) => void;
}

/** Asks what the key is for, what it may do and how long it lives. */
export function MyKeyForm({ rights, rules: { realm, bounds }, onCancel, onIssued }: MyKeyFormProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [nameId, problemId] = [useId(), useId()];
  // The reasons name settings of the realm, which say nothing to its customers.
  const plainBounds = { ...bounds, earliestReason: '', latestReason: '' };
  const grantable = listGrantable(rights.issuableScopes, realm.actions);
  const [only] = grantable;
  const [chosen, setChosen] = useState<ChosenScopes>(
    grantable.length === 1 && only !== undefined ? { 0: only.resource } : {},
  );
  const [draft, setDraft] = useState<NewKeyDraft>(() => ({
    ...emptyDraft,
    realm: rights.subject.realm.slug,
    life: allowedLives(bounds, new Date()).includes(90) ? '90' : 'DEFAULT',
  }));
  const [issue, { isRunning, problem }] = useChange(issueDocument, 'issueKey');
  const [isIncomplete, setIncomplete] = useState(false);
  const scopes = grantable.flatMap((scope, place) => {
    const resource = chosen[place];
    return resource === undefined ? [] : [{ ...scope, resource: resource.trim() }];
  });
  const isComplete =
    scopes.length > 0 &&
    grantable.every((scope, place) => chosen[place] === undefined || isWithin(scope, chosen[place], realm.foldsCase));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIncomplete(!isComplete);
    if (isRunning || !isComplete) return;
    const success = await issue({ input: inputOf({ ...draft, scopes }, idempotencyKey) });
    if (success === null) return;
    announce('The key is issued.');
    onIssued({ secret: success.secret, key: success.key });
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={nameId}>Name</label>
        <input
          id={nameId}
          required
          maxLength={100}
          autoComplete="off"
          value={draft.name}
          onChange={({ target }) => setDraft({ ...draft, name: target.value })}
        />
        <p className="hint">What uses the key, and where: “nightly build”.</p>
      </div>
      <ScopeChoices
        grantable={grantable}
        descriptions={Object.fromEntries(realm.actions.map(({ name, description }) => [name, description]))}
        foldsCase={realm.foldsCase}
        chosen={chosen}
        onChange={setChosen}
      />
      <LifeField draft={draft} bounds={plainBounds} onChange={(changed) => setDraft({ ...draft, ...changed })} />
      <p id={problemId} className="field-problem" role="alert">
        {isIncomplete && !isComplete ? 'Choose what the key may do, within what is allowed.' : problem}
      </p>
      <div className="buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Issue the key
        </button>
      </div>
    </form>
  );
}
