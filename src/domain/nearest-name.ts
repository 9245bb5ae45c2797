/** Maximum edit distance of a typing error. */
const EDIT_DISTANCE_MAX = 4;

/** Returns the known name that a wrong name most likely stands for; null: none is close. */
export function nearestName(wrong: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = EDIT_DISTANCE_MAX + 1;
  for (const name of names) {
    const slips = editDistance(wrong, name);
    // More edits than half of the letters make another word, not a typing error.
    if (slips < least && slips * 2 <= name.length) [nearest, least] = [name, slips];
  }
  return nearest;
}

/** Returns the Levenshtein distance: the number of letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
