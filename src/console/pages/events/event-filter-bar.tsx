import { EventTypesField } from '../../parts/event-types.tsx';
import { TextFilter } from '../../parts/filter-fields.tsx';
import { RareFilters } from '../../parts/rare-filters.tsx';
import { allEvents, writeEventChoice, type EventChoice } from './event-address.ts';

interface EventFilterBarProps {
  readonly choice: EventChoice;
  readonly onChange: (choice: EventChoice, isReplaced?: boolean) => void;
}

/** The filters of the log. Each choice counts at once. */
export function EventFilterBar({ choice, onChange }: EventFilterBarProps) {
  const { types, realm, owner, key, actor } = choice;
  const set = (changes: Partial<EventChoice>, isReplaced?: boolean) => onChange({ ...choice, ...changes }, isReplaced);
  return (
    <form className="filters" role="search" aria-label="Filter the events" onSubmit={(event) => event.preventDefault()}>
      <EventTypesField label="What happened" types={types} onChange={(chosen) => set({ types: chosen })} />
      <RareFilters isUsed={realm + owner + key + actor !== ''} realm={realm} owner={owner} onChange={set}>
        {() => (
          <>
            <TextFilter label="Key (its id)" value={key} onChange={(text) => set({ key: text.trim() }, true)} />
            <TextFilter label="Made by (an id)" value={actor} onChange={(text) => set({ actor: text.trim() }, true)} />
          </>
        )}
      </RareFilters>
      {writeEventChoice({ ...choice, before: '' }) !== '' && (
        <button type="button" onClick={() => onChange({ ...allEvents, before: choice.before })}>
          Clear the filters
        </button>
      )}
    </form>
  );
}
