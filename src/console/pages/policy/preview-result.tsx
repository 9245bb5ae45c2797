import { paths } from '../../routes.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Explained } from '../../parts/explained.tsx';
import { RowMoment } from '../../parts/moment-button.tsx';
import { Link } from '../../shell/link.tsx';
import { faultWords } from './fault-words.ts';
import { PreviewFindings } from './preview-findings.tsx';
import { PreviewPicture } from './preview-picture.tsx';
import type { Preview, PreviewedKeyChange } from './preview-query.ts';

/** What a change would do to the keys of its realm: in sentences, as a picture, as tables, and key by key. */
export function PreviewResult({ of: preview }: { readonly of: Preview }) {
  return (
    <>
      <Sentences of={preview} />
      {preview.faultCount > 0 && <Faults of={preview} />}
      {preview.findings.length > 0 && <PreviewFindings of={preview} />}
      <PreviewPicture of={preview} />
      {preview.changes.edges.length > 0 && <Changes of={preview} />}
    </>
  );
}

function Sentences({ of: preview }: { readonly of: Preview }) {
  const { realmKeyCount, selectedKeyCount, nearerCount, furtherCount, unchangedCount, withoutAutomationCount } =
    preview;
  const number = (count: number) => count.toLocaleString('en');
  const isMany = nearerCount > preview.brakeShare;
  return (
    <>
      <dl className="counts">
        <div className={nearerCount > 0 ? 'sooner' : ''}>
          <dt>stop sooner</dt>
          <dd>{number(nearerCount)}</dd>
        </div>
        <div>
          <dt>stop later</dt>
          <dd>{number(furtherCount)}</dd>
        </div>
        <div>
          <dt>stay as they are</dt>
          <dd>{number(unchangedCount)}</dd>
        </div>
      </dl>
      <p>
        The realm has {number(realmKeyCount)} {realmKeyCount === 1 ? 'key' : 'keys'} that can stop; the policy selects{' '}
        {selectedKeyCount === realmKeyCount ? 'all' : number(selectedKeyCount)} of them.
        {withoutAutomationCount > 0 &&
          ` ${number(withoutAutomationCount)} of those that stop sooner ${withoutAutomationCount === 1 ? 'was' : 'were'} never renewed: probably nothing renews them by itself.`}
      </p>
      {isMany && (
        <p>
          Without this preview the brake would hold back all but {number(preview.brakeShare)} of the sooner stops within
          an hour. If you confirm it, the brake allows as many as it shows.
        </p>
      )}
    </>
  );
}

function Faults({ of: { faultCount, faults } }: { readonly of: Preview }) {
  return (
    <section className="problem" aria-label="Failures of the module">
      <h2>
        The module fails for {faultCount.toLocaleString('en')} {faultCount === 1 ? 'key' : 'keys'}
      </h2>
      <p>For these keys nothing would change, until the module is repaired.</p>
      <ul>
        {faults.map(({ kind, message, keyCount }) => (
          <li key={`${kind} ${message}`}>
            {keyCount.toLocaleString('en')} {keyCount === 1 ? 'key' : 'keys'}: {faultWords(kind)}.{' '}
            <code>{message}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changes({ of: { changes } }: { readonly of: Preview }) {
  const count = changes.edges.length;
  const title = changes.pageInfo.hasNextPage ? `The first ${String(count)} keys that change` : 'Keys that change';
  return (
    <section>
      <h2>{title}</h2>
      <DataTable name={title} columns={['Key', 'Without the change', 'With it', 'Why']}>
        {changes.edges.map(({ node }) => (
          <Change key={node.key.id} of={node} />
        ))}
      </DataTable>
    </section>
  );
}

function Change({ of: { key, before, after, isNearer, reason } }: { readonly of: PreviewedKeyChange }) {
  return (
    <tr>
      <td>
        <Link href={paths.key(key.id)}>{key.name}</Link> <span className="quiet">{key.owner.name}</span>
      </td>
      <td>{before === null ? 'never' : <RowMoment at={before} isCounting={false} />}</td>
      <td>
        {after === null ? 'never' : <RowMoment at={after} />} {isNearer && <strong>sooner</strong>}
      </td>
      <td>{reason !== null && <Explained text={reason.sentence} isInline />}</td>
    </tr>
  );
}
