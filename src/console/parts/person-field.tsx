import { useId, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql.ts';
import { usePause } from './use-pause.ts';

const PeopleFoundQuery = graphql(`
  query PeopleFound($search: String!) {
    accounts(first: 8, filter: { search: $search, isDisabled: false }) {
      edges {
        node {
          id
          name
          email
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

/** What an id of an account looks like. */
const accountId = /^account_[0-9a-z]{26}$/;

/** The shortest text that is searched for. */
const SHORTEST_SEARCH = 2;

interface PersonFieldProps {
  readonly label: string;
  readonly hint?: string;
  /** The id of the chosen account; an empty text: none. */
  readonly value: string;
  readonly onChange: (accountId: string) => void;
}

/** Chooses a person: finds those whom the person at the page may see by name or email, or takes the id of an account. */
export function PersonField({ label, hint, value, onChange }: PersonFieldProps) {
  const [inputId, hintId] = [useId(), useId()];
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const search = usePause(text.trim());
  const isSearched = value === '' && search.length >= SHORTEST_SEARCH;
  const [{ data, fetching }] = useQuery({ query: PeopleFoundQuery, variables: { search }, pause: !isSearched });
  const found = isSearched ? (data?.accounts.edges.map(({ node }) => node) ?? []) : [];
  const type = (typed: string) => {
    setText(typed);
    setChosen('');
    onChange(accountId.test(typed.trim()) ? typed.trim() : '');
  };
  const choose = (id: string, name: string) => {
    setText(name);
    setChosen(name);
    onChange(id);
    // The list, which had the focus, goes away.
    input.current?.focus();
  };
  return (
    <div className="field person-field">
      <label htmlFor={inputId}>{label}</label>
      <input
        ref={input}
        id={inputId}
        type="search"
        required
        maxLength={254}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hintId}
        value={text}
        onChange={({ target }) => type(target.value)}
      />
      <p id={hintId} className="hint" role="status">
        {chosen !== ''
          ? `${chosen} is chosen.`
          : isSearched && found.length === 0 && !fetching
            ? 'No person whom you may see matches. Paste the id of the account: it stands on the page of the person.'
            : (hint ?? 'Type a part of the name or email, and choose.')}
      </p>
      {found.length > 0 && (
        <ul className="plain-list" aria-label="People found">
          {found.map(({ id, name, email }) => (
            <li key={id}>
              <button type="button" className="plain" onClick={() => choose(id, name)}>
                {name}
                {email !== null && <span className="quiet"> {email}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      {isSearched && data?.accounts.pageInfo.hasNextPage === true && (
        <p className="quiet">There are more: type more of the name.</p>
      )}
    </div>
  );
}
