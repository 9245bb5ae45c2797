/** Returns the anchor that GitHub gives to a heading, and notes it: a second heading of the same words gets a number. */
export function anchorOf(heading: string, used: Set<string>): string {
  const anchor = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
  let unique = anchor;
  for (let number = 1; used.has(unique); number += 1) unique = `${anchor}-${number}`;
  used.add(unique);
  return unique;
}
