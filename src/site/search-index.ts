import type { SearchIndex } from './client/find-sections.ts';
import { searchWordsOf } from './client/search-words.ts';
import type { Section } from './documents.ts';

const WEIGHT_OF_TITLE = 12;
const WEIGHT_OF_HEADING = 6;
const WEIGHT_OF_NAME = 5;
const WEIGHT_OF_GLOSSARY = 9;
const WEIGHT_OF_TEXT_MAX = 3;
/** The characters of a section that a result shows. */
const START_LENGTH = 110;

/** Pages that few readers look for by other words than their name: their words count half. */
const BACKGROUND = /^\/docs\/(?:decisions|errors|threats)/;

/** Makes the index of all pages. A page is also found by the words of its address. */
export function indexPages(
  pages: readonly { readonly address: string; readonly title: string; readonly sections: readonly Section[] }[],
): SearchIndex {
  const sections: (readonly [number, string, string, string])[] = [];
  const uses = new Map<string, Map<number, number>>();
  for (const [page, { address, sections: own }] of pages.entries()) {
    const share = BACKGROUND.test(address) ? 0.5 : 1;
    const nameWeight = address === '/docs/glossary' ? WEIGHT_OF_GLOSSARY : WEIGHT_OF_NAME;
    for (const { anchor, heading, level, text, names } of own) {
      const section = sections.length;
      sections.push([page, anchor ?? '', heading, startOf(text)]);
      const weights = new Map<string, number>();
      for (const word of searchWordsOf(text))
        weights.set(word, Math.min((weights.get(word) ?? 0) + 1, WEIGHT_OF_TEXT_MAX));
      for (const word of searchWordsOf(names)) weights.set(word, nameWeight);
      const isTop = level === 1;
      const title = isTop ? `${heading} ${address.replace('/docs', '')}` : heading;
      for (const word of searchWordsOf(title)) weights.set(word, isTop ? WEIGHT_OF_TITLE : WEIGHT_OF_HEADING);
      for (const [word, weight] of weights) {
        uses.set(word, (uses.get(word) ?? new Map()).set(section, Math.ceil(weight * share)));
      }
    }
  }
  const words = [...uses.keys()].sort();
  return {
    pages: pages.map(({ address, title }) => [address, title]),
    sections,
    words,
    uses: words.map((word) => distances(uses.get(word) ?? new Map())),
  };
}

function distances(weights: ReadonlyMap<number, number>): number[] {
  let before = 0;
  return [...weights].flatMap(([section, weight]) => {
    const distance = section - before;
    before = section;
    return [distance, weight];
  });
}

function startOf(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').trim();
  if (plain.length <= START_LENGTH) return plain;
  return `${plain.slice(0, START_LENGTH).replace(/\s\S*$/, '')} …`;
}
