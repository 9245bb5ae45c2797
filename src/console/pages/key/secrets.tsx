import { DataTable } from '../../parts/data-table.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import type { KeyDetails } from './key-query.ts';

/** The secrets of a key: which is the current one, and until when an old one works. */
export function Secrets({ of: secrets }: { readonly of: KeyDetails['secrets'] }) {
  const now = useNow();
  return (
    <section className="sheet">
      <h2>Secrets</h2>
      <DataTable name="Secrets" columns={['Begins with', 'State', 'Made', 'Last used']}>
        {secrets.map(({ generation, start, createdAt, lastUsedAt, retiresAt }) => {
          const isRetired = retiresAt != null && Date.parse(retiresAt) <= now.getTime();
          return (
            <tr key={generation}>
              <td>
                <code>{start}…</code>
              </td>
              <td>
                {retiresAt == null ? (
                  'current'
                ) : (
                  <>
                    {isRetired ? 'retired' : 'works until'} <MomentButton at={retiresAt} isCounting={!isRetired} />
                  </>
                )}
              </td>
              <td>
                <MomentButton at={createdAt} isCounting={!isRetired} />
              </td>
              <td>{lastUsedAt == null ? 'never' : <MomentButton at={lastUsedAt} />}</td>
            </tr>
          );
        })}
      </DataTable>
    </section>
  );
}
