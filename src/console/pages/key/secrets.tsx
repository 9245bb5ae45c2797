import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import type { KeyDetails } from './key-query.ts';

/** The secrets of a key: which is the current one, and until when an old one works. */
export function Secrets({ of: secrets }: { readonly of: KeyDetails['secrets'] }) {
  const now = useNow();
  return (
    <section className="sheet">
      <h2 id="secrets">Secrets</h2>
      <div className="scroll" role="group" aria-label="All secrets" tabIndex={0}>
        <table aria-labelledby="secrets">
          <thead>
            <tr>
              <th scope="col">Begins with</th>
              <th scope="col">State</th>
              <th scope="col">Made</th>
              <th scope="col">Last used</th>
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </div>
    </section>
  );
}
