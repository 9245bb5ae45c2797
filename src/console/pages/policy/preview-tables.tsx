import { DataTable } from '../../parts/data-table.tsx';
import { localDayOf } from '../../parts/time.ts';
import type { PreviewChart } from './preview-weeks.ts';

/** The numbers of the picture. */
export function PreviewTables({ of: { columns, rows, weeksPerColumn } }: { readonly of: PreviewChart }) {
  const stops = columns.filter(({ before, after }) => before > 0 || after > 0);
  return (
    <details className="numbers">
      <summary>The same as tables</summary>
      <DataTable
        name="Keys that stop, by week"
        columns={[
          weeksPerColumn === 1 ? 'Week from' : `${String(weeksPerColumn)} weeks from`,
          { name: 'Without the change', isNumber: true },
          { name: 'With it', isNumber: true },
        ]}
      >
        {stops.map(({ startsAt, before, after }) => (
          <tr key={startsAt.getTime()}>
            <td>{localDayOf(startsAt)}</td>
            <td className="number">{before.toLocaleString('en')}</td>
            <td className="number">{after.toLocaleString('en')}</td>
          </tr>
        ))}
      </DataTable>
      {rows.length > 0 && (
        <DataTable
          name="Keys that stop sooner, by owner"
          columns={[
            'Owner',
            { name: 'Keys', isNumber: true },
            { name: 'Stop sooner', isNumber: true },
            'The first in the week from',
          ]}
        >
          {rows.map(({ id, name, keyCount, nearerCount, firstAt }) => (
            <tr key={id}>
              <td>{name}</td>
              <td className="number">{keyCount.toLocaleString('en')}</td>
              <td className="number">{nearerCount.toLocaleString('en')}</td>
              <td>{firstAt === null ? 'later' : localDayOf(firstAt)}</td>
            </tr>
          ))}
        </DataTable>
      )}
    </details>
  );
}
