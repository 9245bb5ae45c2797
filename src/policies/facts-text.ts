import type { Facts } from './contract.ts';

const texts = new WeakMap<Facts, string>();

/** Returns facts as JSON. Made once for the same object, because several questions have the facts of a key. */
export function factsText(facts: Facts): string {
  const known = texts.get(facts);
  if (known !== undefined) return known;
  const text = JSON.stringify(facts);
  texts.set(facts, text);
  return text;
}

/** Returns a list of facts as JSON. */
export function factsListText(list: readonly Facts[]): string {
  return `[${list.map(factsText).join()}]`;
}
