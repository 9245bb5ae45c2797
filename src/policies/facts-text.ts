import type { Facts } from './contract.ts';

const texts = new WeakMap<Facts, string>();

/** Returns facts as JSON. It is written once for the same object: the facts of a key go to several modules, and name their replies. */
export function factsText(facts: Facts): string {
  const known = texts.get(facts);
  if (known !== undefined) return known;
  const text = JSON.stringify(facts);
  texts.set(facts, text);
  return text;
}
