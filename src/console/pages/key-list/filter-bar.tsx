import type { KeyState } from '../../api/operations.ts';
import { ChoiceFilter, TextFilter } from '../../parts/filter-fields.tsx';
import { noFilters, timeChoices, writeFilters, type Filters, type OrderName } from './filters.ts';
import { MoreFilters } from './more-filters.tsx';

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
      <ChoiceFilter label="Stops within" value={filters.within} onChange={(within) => set({ within })}>
        <option value="">any time</option>
        {timeChoices.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </ChoiceFilter>
      <ChoiceFilter label="Order" value={filters.order} onChange={(order) => set({ order: order as OrderName })}>
        <option value="stops">Stops first</option>
        <option value="newest">Newest first</option>
        <option value="used">Used last</option>
        <option value="name">By name</option>
      </ChoiceFilter>
      <MoreFilters filters={filters} set={set} />
      {isFiltered && (
        <button type="button" onClick={() => onChange({ ...noFilters, order: filters.order })}>
          Clear the filters
        </button>
      )}
    </form>
  );
}
