/** The longest list in a request, and how deep values may be nested. A request over a limit is refused whole. */
const LIST_MAX = 200;
const DEPTH_MAX = 30;

/**
 * Checks that the gateway would read a value of a row: what it refuses for a whole request must refuse this row alone.
 *
 * @throws RangeError with a sentence for the report.
 */
export function checkSendable(value: object): void {
  const waiting: { readonly name: string; readonly value: unknown; readonly depth: number }[] = Object.entries(
    value,
  ).map(([name, member]) => ({ name, value: member, depth: 1 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, value: one, depth } = next;
    if (typeof one === 'string' && (one.includes('\0') || !one.isWellFormed()))
      throw new RangeError(`${name}: found text that is not well-formed Unicode, or has the character NUL.`);
    if (typeof one !== 'object' || one === null) continue;
    if (depth > DEPTH_MAX) throw new RangeError(`${name}: found values nested deeper than ${DEPTH_MAX} levels.`);
    if (Array.isArray(one) && one.length > LIST_MAX)
      throw new RangeError(`${name}: found a list of ${one.length}; expected at most ${LIST_MAX}.`);
    for (const [key, member] of Object.entries(one)) {
      waiting.push({ name, value: key, depth }, { name, value: member, depth: depth + 1 });
    }
  }
}
