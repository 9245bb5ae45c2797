import { useState, type ReactNode } from 'react';
import { useFilterChoices } from './filter-choices.ts';
import { ListFilter } from './filter-fields.tsx';

interface RareFiltersProps {
  /** Whether one of them is used, so that they are open from the start. */
  readonly isUsed: boolean;
  readonly realm: string;
  readonly owner: string;
  readonly onChange: (changed: { readonly realm?: string; readonly owner?: string }) => void;
  /** The other filters of the page. They get the people to choose from. */
  readonly children: (people: ReturnType<typeof useFilterChoices>['people']) => ReactNode;
}

/** The filters that are rarely needed: by realm, by owner, and those of the page. */
export function RareFilters({ isUsed, realm, owner, onChange, children }: RareFiltersProps) {
  const [isOpen, setOpen] = useState(isUsed);
  const { realms, people, owners, gap } = useFilterChoices(isOpen);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More filters</summary>
      <div>
        <ListFilter
          label="Realm"
          any="all realms"
          value={realm}
          choices={realms.map(({ slug, name }) => ({ id: slug, name }))}
          onChange={(chosen) => onChange({ realm: chosen })}
        />
        <ListFilter
          label="Owner"
          any="all owners"
          value={owner}
          choices={owners}
          onChange={(chosen) => onChange({ owner: chosen })}
        />
        {children(people)}
        {gap !== null && <p className="hint">{gap}</p>}
      </div>
    </details>
  );
}
