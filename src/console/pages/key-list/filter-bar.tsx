import { useEffect, useId, useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql.ts';
import type { KeyState } from '../../api/operations.ts';
import { cutSecrets } from '../../parts/cut-secrets.ts';
import { noFilters, timeChoices, writeFilters, type Filters, type OrderName } from './filters.ts';

/** A text is applied when the person has paused. */
const PAUSE_MS = 300;

const ChoicesQuery = graphql(`
  query FilterChoices {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
    }
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
    accounts(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

const stateChoices = [
  ['ACTIVE', 'Active'],
  ['HELD', 'Held'],
  ['EXPIRED', 'Expired'],
  ['REVOKED', 'Revoked'],
] as const;

interface FilterBarProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters, isReplaced?: boolean) => void;
}

/** The filters of the list. Each choice counts at once. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const set = (changes: Partial<Filters>, isReplaced?: boolean) => onChange({ ...filters, ...changes }, isReplaced);
  const toggle = (state: KeyState) => {
    const { states } = filters;
    set({ states: states.includes(state) ? states.filter((other) => other !== state) : [...states, state] });
  };
  const isFiltered = writeFilters({ ...filters, order: noFilters.order }) !== '';
  return (
    <form className="filters" role="search" aria-label="Filter the keys" onSubmit={(event) => event.preventDefault()}>
      <TextFilter
        label="Name, or start of a secret"
        className="search"
        value={filters.search}
        onChange={(search) => set({ search }, true)}
      />
      <fieldset className="field">
        <legend>State</legend>
        <div className="chips">
          {stateChoices.map(([state, name]) => (
            <label key={state} className="chip">
              <input type="checkbox" checked={filters.states.includes(state)} onChange={() => toggle(state)} />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      <Choice label="Stops within" value={filters.within} onChange={(within) => set({ within })}>
        <option value="">any time</option>
        {timeChoices.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice label="Order" value={filters.order} onChange={(order) => set({ order: order as OrderName })}>
        <option value="stops">Stops first</option>
        <option value="newest">Newest first</option>
        <option value="used">Used last</option>
        <option value="name">By name</option>
      </Choice>
      <MoreFilters filters={filters} set={set} />
      {isFiltered && (
        <button type="button" onClick={() => onChange({ ...noFilters, order: filters.order })}>
          Clear the filters
        </button>
      )}
    </form>
  );
}

interface MoreFiltersProps {
  readonly filters: Filters;
  readonly set: (changes: Partial<Filters>, isReplaced?: boolean) => void;
}

function MoreFilters({ filters, set }: MoreFiltersProps) {
  const { realm, owner, unused, isNeverUsed, isDormant, exchanged, care, label, consumer } = filters;
  const isUsed = realm + owner + unused + exchanged + care + label + consumer !== '' || isNeverUsed || isDormant;
  const [isOpen, setOpen] = useState(isUsed);
  const [{ data }] = useQuery({ query: ChoicesQuery, pause: !isOpen, variables: {} });
  const owners = [...(data?.organizations.edges ?? []), ...(data?.accounts.edges ?? [])].map(({ node }) => node);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More filters</summary>
      <div>
        <Choice label="Realm" value={realm} onChange={(chosen) => set({ realm: chosen })}>
          <option value="">all realms</option>
          {realm !== '' && data == null && <option value={realm}>{realm}</option>}
          {data?.realms.edges.map(({ node: { slug, name } }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice label="Owner" value={owner} onChange={(chosen) => set({ owner: chosen })}>
          <option value="">all owners</option>
          {owner !== '' && !owners.some(({ id }) => id === owner) && <option value={owner}>{owner}</option>}
          {owners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice label="Not used for" value={unused} onChange={(chosen) => set({ unused: chosen })}>
          <option value="">any time</option>
          {timeChoices.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice
          label="Keys of CI jobs"
          value={exchanged}
          onChange={(chosen) => set({ exchanged: chosen as Filters['exchanged'] })}
        >
          <option value="">shown too</option>
          <option value="yes">only these</option>
          <option value="no">left out</option>
        </Choice>
        <Choice label="Needs care" value={care} onChange={(chosen) => set({ care: chosen as Filters['care'] })}>
          <option value="">or not</option>
          <option value="unattended">nothing renews it</option>
          <option value="late">it is renewed late</option>
          <option value="rotating">it rotates</option>
          <option value="stalled">its rotation has stalled</option>
          <option value="leaked">a secret leaked</option>
        </Choice>
        <TextFilter label="Label, as name=value" value={label} onChange={(text) => set({ label: text }, true)} />
        <TextFilter label="Used by (consumer)" value={consumer} onChange={(text) => set({ consumer: text }, true)} />
        <label className="chip">
          <input type="checkbox" checked={isNeverUsed} onChange={() => set({ isNeverUsed: !isNeverUsed })} />
          Never used
        </label>
        <label className="chip">
          <input type="checkbox" checked={isDormant} onChange={() => set({ isDormant: !isDormant })} />
          Dormant
        </label>
      </div>
    </details>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly className?: string;
  readonly onChange: (value: string) => void;
}

function TextFilter({ label, value, className = '', onChange }: TextFilterProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  // The address has changed by another way, such as the Back button.
  if (value !== applied) {
    setApplied(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => {
      setApplied(text);
      onChange(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setText(cutSecrets(target.value))}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          const cut = cutSecrets(pasted);
          if (cut === pasted) return;
          // The field never has the whole secret, which would be cut off at its longest text.
          event.preventDefault();
          setText(cut.trim());
        }}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </div>
  );
}
