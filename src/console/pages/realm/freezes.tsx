import { useState, type FormEvent } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import { announce } from '../../shell/announce.tsx';
import { DurationWords } from './duration-field.tsx';
import { ImportFreezes } from './import-freezes.tsx';
import type { RealmDetails } from './realm-query.ts';
import { useRealmChange } from './use-realm-change.ts';

type Freeze = RealmDetails['freezes'][number];

interface FreezesProps {
  readonly of: RealmDetails;
  readonly isAdministrator: boolean;
}

/** The calendar of a realm: when no policy should stop a key. */
export function Freezes({ of: { slug, freezes, longestShift }, isAdministrator }: FreezesProps) {
  const now = useNow().getTime();
  const [removed, setRemoved] = useState<Freeze | null>(null);
  const isOver = ({ to }: Freeze) => new Date(to).getTime() <= now;
  const [past, ahead] = [freezes.filter(isOver), freezes.filter((freeze) => !isOver(freeze))];
  const list = (listed: readonly Freeze[]) => (
    <ul className="plain-list">
      {listed.map((freeze) => (
        <li key={`${freeze.from} ${freeze.to}`} className="listed">
          <span>
            {freeze.reason}
            <span className="quiet">
              {' '}
              from <MomentButton at={freeze.from} isCounting={false} /> to{' '}
              <MomentButton at={freeze.to} isCounting={false} />
            </span>
          </span>
          {isAdministrator && (
            <button type="button" aria-label={`Remove the freeze ${freeze.reason}`} onClick={() => setRemoved(freeze)}>
              Remove
            </button>
          )}
        </li>
      ))}
    </ul>
  );
  return (
    <section className="sheet">
      <h2>Freezes</h2>
      <p className="quiet">
        A stop by a policy that falls into a freeze moves to its end, by at most <DurationWords of={longestShift} />.
        Expiries that a person chose do not move.
      </p>
      {ahead.length === 0 ? <p>No freeze is ahead.</p> : list(ahead)}
      {past.length > 0 && (
        <details>
          <summary>{past.length === 1 ? '1 past freeze' : `${past.length} past freezes`}</summary>
          {list(past)}
        </details>
      )}
      {isAdministrator && <NewFreeze realm={slug} />}
      {isAdministrator && <ImportFreezes realm={slug} present={freezes} />}
      {removed !== null && <RemoveDialog realm={slug} of={removed} onClose={() => setRemoved(null)} />}
    </section>
  );
}

/** Returns the freezes as the gateway takes them. */
function inputOf(freezes: readonly Freeze[]) {
  return freezes.map(({ from, to, reason }) => ({ from, to, reason }));
}

const empty = { from: '', to: '', reason: '' };

function NewFreeze({ realm }: { readonly realm: string }) {
  const [typed, setTyped] = useState(empty);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [change, { isRunning, problem }] = useRealmChange(realm);
  const set = (changes: Partial<typeof empty>) => setTyped({ ...typed, ...changes });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isRunning) return;
    const form = event.currentTarget;
    const [from, to] = [new Date(typed.from), new Date(typed.to)];
    if (to <= from) return setRefusal('The freeze must end after it begins.');
    setRefusal(null);
    const added = { from: from.toISOString(), to: to.toISOString(), reason: typed.reason.trim() };
    if ((await change(({ freezes }) => ({ freezes: [...inputOf(freezes), added] }))) === null) return;
    // Without it the browser marks the emptied fields as wrong.
    form.reset();
    setTyped(empty);
    announce('The freeze is added.');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h3>Add a freeze</h3>
      <TextField
        label="Begins"
        type="datetime-local"
        required
        value={typed.from}
        hint="In your time zone."
        onChange={({ target }) => set({ from: target.value })}
      />
      <TextField
        label="Ends"
        type="datetime-local"
        required
        min={typed.from}
        value={typed.to}
        onChange={({ target }) => set({ to: target.value })}
      />
      <TextField
        label="Why there is a freeze"
        required
        maxLength={100}
        autoComplete="off"
        value={typed.reason}
        hint="Owners of keys read it, for example: the release of version 9."
        onChange={({ target }) => set({ reason: target.value })}
      />
      <FormProblem text={refusal ?? problem} />
      <div className="buttons">
        <button type="submit" aria-disabled={isRunning}>
          Add the freeze
        </button>
      </div>
    </form>
  );
}

interface RemoveDialogProps {
  readonly realm: string;
  readonly of: Freeze;
  readonly onClose: () => void;
}

function RemoveDialog({ realm, of: { from, to, reason }, onClose }: RemoveDialogProps) {
  const [change, state] = useRealmChange(realm);
  const isOther = (freeze: Freeze) => freeze.from !== from || freeze.to !== to;
  return (
    <AskDialog
      title={`Remove the freeze ${reason}`}
      button="Remove"
      done="The freeze is removed."
      isDanger
      state={state}
      run={() => change(({ freezes }) => ({ freezes: inputOf(freezes.filter(isOther)) }))}
      onClose={onClose}
    >
      <p>
        All keys of the realm are reviewed: stops that the freeze has postponed come back to where policy puts them.
      </p>
    </AskDialog>
  );
}
