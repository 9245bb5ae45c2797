/**
 * Returns the text of a PostgreSQL array, to be passed as one parameter with a cast such as `::text[]`. Prisma converts the
 * elements of a JavaScript array one by one, which costs more than the statement for arrays of thousands.
 */
export function arrayLiteral(values: readonly (string | number | bigint | boolean)[]): string {
  return `{${values.map((value) => (typeof value === 'string' ? quote(value) : String(value))).join(',')}}`;
}

/** Ids and names of codes need no quotes. The empty text and NULL do. */
const PLAIN = /^(?!null$)[a-z0-9_]+$/i;

function quote(text: string): string {
  return PLAIN.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
