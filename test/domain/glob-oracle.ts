/**
 * The meaning of globs, told twice in other ways than the product's: by regular expressions for matching, and by
 * walking the product of two deterministic automata for inclusion. Slow, for small globs.
 */
export function matches(pattern: string, text: string): boolean {
  const source = (pattern.match(/\*\*?|[^*]/gu) ?? []).map((sign) => {
    if (sign === '**') return '[^]*';
    return sign === '*' ? '[^/]*' : sign.replace(/[\\^$.|?+(){}[\]/-]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`).test(text);
}

/** Whether every text of `inner` is one of `outer`: no reachable pair of states accepts for the inner alone. */
export function includes(outer: readonly string[], inner: readonly string[]): boolean {
  const letters = ['a', 'b', '.', '/', 'another'];
  const open: [number, number][] = [[closure(outer, 1), closure(inner, 1)]];
  const seen = new Set<string>();
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [outerStates, innerStates] = pair;
    if (ends(inner, innerStates) && !ends(outer, outerStates)) return false;
    for (const letter of letters) {
      const next: [number, number] = [move(outer, outerStates, letter), move(inner, innerStates, letter)];
      const name = next.join();
      if (next[1] === 0 || seen.has(name)) continue;
      seen.add(name);
      open.push(next);
    }
  }
  return true;
}

function move(signs: readonly string[], states: number, letter: string): number {
  let moved = 0;
  for (const [at, sign] of signs.entries()) {
    if ((states & (1 << at)) === 0) continue;
    if (sign === letter) moved |= 1 << (at + 1);
    if (sign === '**' || (sign === '*' && letter !== '/')) moved |= 1 << at;
  }
  return closure(signs, moved);
}

function closure(signs: readonly string[], states: number): number {
  let closed = states;
  for (const [at, sign] of signs.entries()) {
    if (sign.startsWith('*') && (closed & (1 << at)) !== 0) closed |= 1 << (at + 1);
  }
  return closed;
}

function ends(signs: readonly string[], states: number): boolean {
  return (states & (1 << signs.length)) !== 0;
}
