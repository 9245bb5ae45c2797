import { ChoiceFilter, DateFilter, ListFilter, TextFilter } from '../../parts/filter-fields.tsx';
import { RareFilters } from '../../parts/rare-filters.tsx';
import { noFilters, timeChoices, writeFilters, type Filters } from './filters.ts';

interface MoreFiltersProps {
  readonly filters: Filters;
  readonly set: (changes: Partial<Filters>, isReplaced?: boolean) => void;
}

/** The filters that are rarely needed. They are open if one of them is used. */
export function MoreFilters({ filters, set }: MoreFiltersProps) {
  const { realm, owner, unused, isNeverUsed, isDormant, exchanged, care, label, consumer, action, issuedBy } = filters;
  const { search, states, within, order } = noFilters;
  const isUsed = writeFilters({ ...filters, search, states, within, order }) !== '';
  return (
    <RareFilters isUsed={isUsed} realm={realm} owner={owner} onChange={set}>
      {(people) => (
        <>
          <ChoiceFilter label="Not used for" value={unused} onChange={(chosen) => set({ unused: chosen })}>
            <option value="">any time</option>
            {timeChoices.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </ChoiceFilter>
          <ChoiceFilter
            label="Keys of CI jobs"
            value={exchanged}
            onChange={(chosen) => set({ exchanged: chosen as Filters['exchanged'] })}
          >
            <option value="">shown too</option>
            <option value="yes">only these</option>
            <option value="no">left out</option>
          </ChoiceFilter>
          <ChoiceFilter label="Needs care" value={care} onChange={(chosen) => set({ care: chosen as Filters['care'] })}>
            <option value="">or not</option>
            <option value="unattended">nothing renews it</option>
            <option value="late">it is renewed late</option>
            <option value="by-hand">nothing renews it in time</option>
            <option value="rotating">it rotates</option>
            <option value="stalled">its rotation has stalled</option>
            <option value="leaked">a secret leaked</option>
          </ChoiceFilter>
          <TextFilter label="Label, as name=value" value={label} onChange={(text) => set({ label: text }, true)} />
          <TextFilter label="May do (action)" value={action} onChange={(text) => set({ action: text }, true)} />
          <ListFilter
            label="Issued by"
            any="anyone"
            value={issuedBy}
            choices={people}
            onChange={(chosen) => set({ issuedBy: chosen })}
          />
          <DateFilter
            label="Issued from"
            value={filters.issuedFrom}
            onChange={(issuedFrom) => set({ issuedFrom }, true)}
          />
          <DateFilter label="Issued until" value={filters.issuedTo} onChange={(issuedTo) => set({ issuedTo }, true)} />
          <TextFilter
            label="Issued by the key (id)"
            value={filters.parent}
            onChange={(parent) => set({ parent }, true)}
          />
          <TextFilter
            label="Issued by the CI rule (id)"
            value={filters.tokenRule}
            onChange={(tokenRule) => set({ tokenRule }, true)}
          />
          <TextFilter
            label="Customer (your id)"
            value={filters.subject}
            onChange={(subject) => set({ subject }, true)}
          />
          <TextFilter
            label="Used by (its whole name)"
            value={consumer}
            onChange={(text) => set({ consumer: text }, true)}
          />
          <label className="chip">
            <input type="checkbox" checked={isNeverUsed} onChange={() => set({ isNeverUsed: !isNeverUsed })} />
            Never used
          </label>
          <label className="chip">
            <input type="checkbox" checked={isDormant} onChange={() => set({ isDormant: !isDormant })} />
            Dormant
          </label>
        </>
      )}
    </RareFilters>
  );
}
