import { useState } from 'react';
import { EventTypesField } from '../../parts/event-types.tsx';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { ListFilter, TextFilter } from '../../parts/filter-fields.tsx';
import { allEvents, writeEventChoice, type EventChoice } from './event-address.ts';

interface EventFilterBarProps {
  readonly choice: EventChoice;
  readonly onChange: (choice: EventChoice, isReplaced?: boolean) => void;
}

/** The filters of the log. Each choice counts at once. */
export function EventFilterBar({ choice, onChange }: EventFilterBarProps) {
  const { types, realm, owner, key, actor } = choice;
  const [isOpen, setOpen] = useState(realm + owner + key + actor !== '');
  const { realms, owners, gap } = useFilterChoices(isOpen);
  const set = (changes: Partial<EventChoice>, isReplaced?: boolean) => onChange({ ...choice, ...changes }, isReplaced);
  return (
    <form className="filters" role="search" aria-label="Filter the events" onSubmit={(event) => event.preventDefault()}>
      <EventTypesField label="What happened" types={types} onChange={(chosen) => set({ types: chosen })} />
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>More filters</summary>
        <div>
          <ListFilter
            label="Realm"
            any="all realms"
            value={realm}
            choices={realms.map(({ slug, name }) => ({ id: slug, name }))}
            onChange={(chosen) => set({ realm: chosen })}
          />
          <ListFilter
            label="Owner"
            any="all owners"
            value={owner}
            choices={owners}
            onChange={(chosen) => set({ owner: chosen })}
          />
          <TextFilter label="Key (its id)" value={key} onChange={(text) => set({ key: text.trim() }, true)} />
          <TextFilter label="Made by (an id)" value={actor} onChange={(text) => set({ actor: text.trim() }, true)} />
          {gap !== null && <p className="hint">{gap}</p>}
        </div>
      </details>
      {writeEventChoice({ ...choice, before: '' }) !== '' && (
        <button type="button" onClick={() => onChange({ ...allEvents, before: choice.before })}>
          Clear the filters
        </button>
      )}
    </form>
  );
}
