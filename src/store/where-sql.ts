import { Prisma } from '../../prisma/generated/client/client.ts';

/** The rows of another table that belong to a row: their table, and the columns that match. */
interface Relation {
  readonly table: string;
  readonly own: string;
  readonly their: string;
}

const ofKey = (table: string): Relation => ({ table, own: 'id', their: 'keyId' });

/** The relations that conditions on keys use, by table. */
const relations: Readonly<Record<string, Readonly<Record<string, Relation>>>> = {
  Key: {
    realm: { table: 'Realm', own: 'realmId', their: 'id' },
    subject: { table: 'Subject', own: 'subjectId', their: 'id' },
    labels: ofKey('Label'),
    holds: ofKey('Hold'),
    secrets: ofKey('Secret'),
  },
  Secret: {
    uses: { table: 'Use', own: 'id', their: 'secretId' },
    leak: { table: 'Leak', own: 'id', their: 'secretId' },
  },
};

type Members = Readonly<Record<string, unknown>>;

/** A table in a statement, and how deep in its conditions: each level has an alias of its own. */
interface Scope {
  readonly table: string;
  readonly alias: string;
  readonly depth: number;
}

/**
 * Returns a Prisma condition on keys as SQL, for statements that Prisma cannot express, such as many counts in one scan: so
 * these select by the same conditions as lists do. `alias` names the table "Key" in the statement.
 *
 * @throws Error for a part that it does not know. It never ignores one.
 */
export function keyCondition(where: Prisma.KeyWhereInput, alias = 'k'): Prisma.Sql {
  return allOf(where as Members, { table: 'Key', alias, depth: 0 });
}

function allOf(where: Members, scope: Scope): Prisma.Sql {
  const parts = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => memberCondition(name, value, scope));
  return join(parts, ' AND ', Prisma.sql`TRUE`);
}

function memberCondition(name: string, value: unknown, scope: Scope): Prisma.Sql {
  if (name === 'AND')
    return join(
      [value].flat().map((part) => allOf(part as Members, scope)),
      ' AND ',
      Prisma.sql`TRUE`,
    );
  if (name === 'OR') {
    // Prisma ignores an empty OR.
    return join(
      (value as Members[]).map((part) => allOf(part, scope)),
      ' OR ',
      Prisma.sql`TRUE`,
    );
  }
  const relation = relations[scope.table]?.[name];
  return relation === undefined
    ? columnCondition(column(scope.alias, name), value)
    : relationCondition(relation, value as Members, scope);
}

function join(parts: readonly Prisma.Sql[], by: ' AND ' | ' OR ', none: Prisma.Sql): Prisma.Sql {
  return parts.length === 0 ? none : Prisma.sql`(${Prisma.join([...parts], by)})`;
}

function relationCondition({ table, own, their }: Relation, value: Members, scope: Scope): Prisma.Sql {
  const inner = { table, alias: `${scope.alias}${scope.depth + 1}`, depth: scope.depth + 1 };
  const exists = (where: Members) =>
    Prisma.sql`EXISTS (SELECT 1 FROM ${Prisma.raw(`"${table}" ${inner.alias}`)}
      WHERE ${column(inner.alias, their)} = ${column(scope.alias, own)} AND ${allOf(where, inner)})`;
  const [[kind, where] = [], ...others] = Object.entries(value);
  if (others.length === 0 && kind === 'some') return exists(where as Members);
  if (others.length === 0 && kind === 'none') return Prisma.sql`NOT ${exists(where as Members)}`;
  if (others.length === 0 && kind === 'isNot' && where === null) return exists({});
  if (kind === 'is' || kind === 'isNot' || kind === 'every') throw unknown(kind);
  return exists(value);
}

function columnCondition(name: Prisma.Sql, value: unknown): Prisma.Sql {
  if (value === null) return Prisma.sql`${name} IS NULL`;
  if (typeof value !== 'object' || value instanceof Date) return Prisma.sql`${name} = ${value}`;
  const { mode, ...operators } = value as Members;
  const like = mode === 'insensitive' ? Prisma.sql`ILIKE` : Prisma.sql`LIKE`;
  const parts = Object.entries(operators)
    .filter(([, operand]) => operand !== undefined)
    .map(([operator, operand]) => operatorCondition(name, operator, operand, like));
  return join(parts, ' AND ', Prisma.sql`TRUE`);
}

function operatorCondition(name: Prisma.Sql, operator: string, operand: unknown, like: Prisma.Sql): Prisma.Sql {
  switch (operator) {
    case 'equals':
      return columnCondition(name, operand);
    case 'in':
      return (operand as unknown[]).length === 0
        ? Prisma.sql`FALSE`
        : Prisma.sql`${name} IN (${Prisma.join(operand as unknown[])})`;
    case 'lt':
      return Prisma.sql`${name} < ${operand}`;
    case 'lte':
      return Prisma.sql`${name} <= ${operand}`;
    case 'gt':
      return Prisma.sql`${name} > ${operand}`;
    case 'gte':
      return Prisma.sql`${name} >= ${operand}`;
    case 'contains':
      return Prisma.sql`${name} ${like} ${`%${String(operand)}%`}`;
    case 'startsWith':
      return Prisma.sql`${name} ${like} ${`${String(operand)}%`}`;
    case 'array_contains':
      return Prisma.sql`${name} @> ${JSON.stringify(operand)}::jsonb`;
    case 'not':
      if (operand === null) return Prisma.sql`${name} IS NOT NULL`;
  }
  throw unknown(operator);
}

function column(alias: string, name: string): Prisma.Sql {
  if (!/^[A-Za-z]+$/.test(name)) throw unknown(name);
  return Prisma.raw(`${alias}."${name}"`);
}

function unknown(part: string): Error {
  return new Error(`a condition has ${part}, which has no SQL here`);
}
