import { useId, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql.ts';
import { usePause } from './use-pause.ts';

const OwnersFoundQuery = graphql(`
  query OwnersFound($search: String!, $withOrganizations: Boolean!) {
    organizations(first: 8, filter: { search: $search }) @include(if: $withOrganizations) {
      edges {
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
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

/** What the ids of accounts and of organizations look like. */
const idOf = { PERSON: /^account_[0-9a-z]{26}$/, OWNER: /^(?:account|organization)_[0-9a-z]{26}$/ };

/** The shortest text that is searched for. */
const SHORTEST_SEARCH = 2;

interface SearchFieldProps {
  readonly label: string;
  readonly hint?: string;
  /** The id of what is chosen; an empty text: none. */
  readonly value: string;
  /** The name of what is chosen from the start. */
  readonly initialName?: string;
  readonly onChange: (id: string, name: string) => void;
}

const texts = {
  PERSON: {
    list: 'People found',
    hint: 'Type a part of the name or email, and choose.',
    none: 'No person whom you may see matches. Paste the id of the account: it stands on the page of the person.',
  },
  OWNER: {
    list: 'Owners found',
    hint: 'Type a part of the name of an organization or a person, and choose.',
    none: 'No organization or person whom you may see matches. Paste the id: it stands on the own page of each.',
  },
} as const;

/** Chooses a person: finds those whom the person at the page may see by name or email, or takes the id of an account. */
export function PersonField(props: SearchFieldProps) {
  return <SearchField {...props} kind="PERSON" />;
}

/** Chooses an owner of keys: an organization or a person. */
export function OwnerField(props: SearchFieldProps) {
  return <SearchField {...props} kind="OWNER" />;
}

interface MoreOwnersFieldProps {
  readonly label: string;
  readonly onAdd: (id: string, name: string) => void;
}

/** Adds owners to those that are chosen already. */
export function MoreOwnersField({ label, onAdd }: MoreOwnersFieldProps) {
  return <SearchField label={label} value="" kind="OWNER" isEmptied onChange={onAdd} />;
}

interface KindProps {
  readonly kind: keyof typeof texts;
  /** Whether the field is empty again after a choice, and does not require one. */
  readonly isEmptied?: boolean;
}

function SearchField({
  label,
  hint,
  value,
  initialName = '',
  onChange,
  kind,
  isEmptied,
}: SearchFieldProps & KindProps) {
  const [inputId, hintId] = [useId(), useId()];
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(initialName);
  const [chosen, setChosen] = useState(initialName);
  const search = usePause(text.trim());
  const { found, hasMore, isSearching } = useFound(kind, value === '' ? search : '');
  const type = (typed: string) => {
    const id = typed.trim();
    setChosen('');
    if (!idOf[kind].test(id)) {
      setText(typed);
      return value === '' ? undefined : onChange('', '');
    }
    setText(isEmptied ? '' : typed);
    onChange(id, id);
  };
  const choose = (id: string, name: string) => {
    setText(isEmptied ? '' : name);
    setChosen(name);
    onChange(id, name);
    // The list, which had the focus, goes away.
    input.current?.focus();
  };
  const isMissed = found.length === 0 && !isSearching;
  return (
    <div className="field person-field">
      <label htmlFor={inputId}>{label}</label>
      <input
        ref={input}
        id={inputId}
        type="search"
        required={!isEmptied}
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
          : value === '' && isMissed
            ? texts[kind].none
            : (hint ?? texts[kind].hint)}
      </p>
      {found.length > 0 && (
        <ul className="plain-list" aria-label={texts[kind].list}>
          {found.map(({ id, name, email }) => (
            <li key={id}>
              <button type="button" className="plain" onClick={() => choose(id, name)}>
                {name}
                {email != null && <span className="quiet"> {email}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      {hasMore && <p className="quiet">There are more: type more of the name.</p>}
    </div>
  );
}

interface Found {
  readonly found: readonly { readonly id: string; readonly name: string; readonly email?: string | null }[];
  readonly hasMore: boolean;
  /** Whether nothing was searched for yet, or the answer has not come. */
  readonly isSearching: boolean;
}

function useFound(kind: KindProps['kind'], search: string): Found {
  const isSearched = search.length >= SHORTEST_SEARCH;
  const [{ data, fetching }] = useQuery({
    query: OwnersFoundQuery,
    variables: { search, withOrganizations: kind === 'OWNER' },
    pause: !isSearched,
  });
  if (!isSearched || data === undefined) return { found: [], hasMore: false, isSearching: !isSearched || fetching };
  const { organizations, accounts } = data;
  return {
    found: [...(organizations?.edges ?? []), ...accounts.edges].map(({ node }) => node),
    hasMore: accounts.pageInfo.hasNextPage || organizations?.pageInfo.hasNextPage === true,
    isSearching: fetching,
  };
}
