import { useState } from 'react';
import { useQuery } from 'urql';
import { CheckField } from '../../parts/fields.tsx';
import { LiveContent } from '../../parts/live-content.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { SettingsInForceQuery, type SettingRow } from './gateway-query.ts';

const sourceWords: Readonly<Record<SettingRow['source'], string>> = {
  ENVIRONMENT: 'from the environment',
  FILE: 'from a file',
  DEFAULT: 'default',
};

/** The settings with which the node that answers was started. */
export function SettingsInForce() {
  const [search, setSearch] = useState('');
  const [isGivenOnly, setGivenOnly] = useState(false);
  const [state, readAgain] = useQuery({ query: SettingsInForceQuery, requestPolicy: 'cache-and-network' });
  const matches = ({ name, description, source }: SettingRow) =>
    `${name} ${description}`.toLowerCase().includes(search.toLowerCase()) && !(isGivenOnly && source === 'DEFAULT');
  return (
    <section className="sheet">
      <h2>Settings in force</h2>
      <p>
        Of the node that answered. Other nodes may be started with others. To change a setting, set its variable where
        the node is started, and start it again. <a href="/docs/settings">All settings</a>
      </p>
      <div className="list-filters">
        <SearchField label="Setting" onSearch={setSearch} />
        <CheckField
          label="Only those that are given"
          checked={isGivenOnly}
          onChange={({ target }) => setGivenOnly(target.checked)}
        />
      </div>
      <LiveContent of={state} what="the settings" onRetry={() => readAgain({ requestPolicy: 'network-only' })}>
        {({ settings }) => <SettingList rows={settings.filter(matches)} />}
      </LiveContent>
    </section>
  );
}

function SettingList({ rows }: { readonly rows: readonly SettingRow[] }) {
  if (rows.length === 0) return <p>No setting matches.</p>;
  return (
    <ul className="plain-list setting-list" aria-label="Settings in force">
      {rows.map((row) => (
        <li key={row.name}>
          <p>
            <code>{row.name}</code> <Value of={row} /> <span className="quiet">{sourceWords[row.source]}</span>
          </p>
          <p className="quiet">
            {row.description} Accepts {row.accepts}.{row.source !== 'DEFAULT' && ` Default: ${row.defaultText}.`}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** The value of a setting in words; of a secret only whether it is set. */
function Value({ of: { isSecret, source, value, defaultText } }: { readonly of: SettingRow }) {
  if (source === 'DEFAULT') return <strong>{defaultText}</strong>;
  return <strong>{isSecret ? 'set, not shown' : value}</strong>;
}
