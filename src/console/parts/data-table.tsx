import type { CSSProperties, ReactNode } from 'react';

/** The heading of a column. An empty name is that of the buttons. */
type Column = string | { readonly name: string; readonly isNumber: true };

interface DataTableProps {
  /** What the rows are. A screen reader names the table by it. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly children: ReactNode;
}

/**
 * A table of a sheet. The rows are the children. Where there is no room for the columns, each row is a card: its cells stand below
 * each other, each with the name of its column.
 */
export function DataTable({ name, columns, children }: DataTableProps) {
  const named = columns.map((column) => (typeof column === 'string' ? { name: column, isNumber: false } : column));
  // The cards take the names of the columns from here (styles/tables.css).
  const names = Object.fromEntries(
    named.map((column, index) => [`--column-${String(index + 1)}`, JSON.stringify(column.name)]),
  );
  return (
    <div className="scroll data-table" role="group" aria-label={`${name}, which may scroll`} tabIndex={0}>
      <table aria-label={name} style={names as CSSProperties}>
        <thead>
          <tr>
            {named.map((column) =>
              column.name === '' ? (
                <th key="" scope="col">
                  <span className="unseen">Changes</span>
                </th>
              ) : (
                <th key={column.name} scope="col" className={column.isNumber ? 'number' : ''}>
                  {column.name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
