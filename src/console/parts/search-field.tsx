import { useState } from 'react';
import { TextFilter } from './filter-fields.tsx';

interface SearchFieldProps {
  readonly label: string;
  readonly onSearch: (text: string) => void;
}

/** Searches a list while the person types. */
export function SearchField({ label, onSearch }: SearchFieldProps) {
  const [text, setText] = useState('');
  const search = (typed: string) => {
    setText(typed);
    onSearch(typed.trim());
  };
  return (
    <form className="list-search" role="search" onSubmit={(event) => event.preventDefault()}>
      <TextFilter label={label} value={text} onChange={search} />
    </form>
  );
}
