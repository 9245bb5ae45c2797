/** The index of all pages, as the build has written it. */
export interface SearchIndex {
  /** Address and title. */
  readonly pages: readonly (readonly [address: string, title: string])[];
  /** Its page, its anchor ('': the top), its heading, the beginning of its text. The first section of a page is its top. */
  readonly sections: readonly (readonly [page: number, anchor: string, heading: string, start: string])[];
  /** All words, sorted. */
  readonly words: readonly string[];
  /** For each word: the number of a section and the weight of the word in it, in turn. Each number is the distance to the one before. */
  readonly uses: readonly (readonly number[])[];
}

/** A section that was found. */
export interface FoundSection {
  readonly address: string;
  readonly title: string;
  /** '' for the top of a page. */
  readonly heading: string;
  readonly start: string;
}

const RESULTS_MAX = 12;
/** A long page leaves room for others. */
const RESULTS_OF_PAGE_MAX = 3;
/** What a word at the top of a page counts for its sections, which seldom repeat the title. */
const SHARE_OF_TOP = 0.3;

/** Returns the sections that have every word of a query, or a word that begins with it; the best first. */
export function findSections(index: SearchIndex, query: string): FoundSection[] {
  const words = (query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).slice(0, 8);
  if (words.length === 0) return [];
  const scores = words.map((word) => scoresOf(index, word));
  const tops = topsOf(index);
  const found: { section: number; score: number }[] = [];
  for (let section = 0; section < index.sections.length; section += 1) {
    const [page = 0] = index.sections[section] ?? [];
    const top = tops[page] ?? 0;
    const own = scores.map((score) => score[section] ?? 0);
    if (own.every((score) => score === 0)) continue;
    const all = own.map((score, word) => score + (section === top ? 0 : SHARE_OF_TOP * (scores[word]?.[top] ?? 0)));
    if (all.every((score) => score > 0)) found.push({ section, score: all.reduce((sum, score) => sum + score, 0) });
  }
  found.sort((one, other) => other.score - one.score || one.section - other.section);
  const counts = new Map<number, number>();
  return found
    .filter(({ section }) => {
      const [page = 0] = index.sections[section] ?? [];
      counts.set(page, (counts.get(page) ?? 0) + 1);
      return (counts.get(page) ?? 0) <= RESULTS_OF_PAGE_MAX;
    })
    .slice(0, RESULTS_MAX)
    .map(({ section }) => describe(index, section));
}

/** Returns for each section how well it fits a word: by its weight there, how rare it is, and how much of the word was typed. */
function scoresOf({ words, uses, sections }: SearchIndex, typed: string): Float64Array {
  const scores = new Float64Array(sections.length);
  for (let place = placeOf(words, typed); words[place]?.startsWith(typed) === true; place += 1) {
    const list = uses[place] ?? [];
    const rarity = Math.log(1 + (2 * sections.length) / list.length);
    const share = words[place] === typed ? 1.5 : typed.length / (words[place]?.length ?? 1);
    let section = 0;
    for (let next = 0; next < list.length; next += 2) {
      section += list[next] ?? 0;
      scores[section] = Math.max(scores[section] ?? 0, (list[next + 1] ?? 0) * rarity * share);
    }
  }
  return scores;
}

/** Returns where the first word is that does not come before another. */
function placeOf(words: readonly string[], word: string): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? '') < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

function topsOf({ sections }: SearchIndex): readonly number[] {
  const tops: number[] = [];
  for (const [section, [page]] of sections.entries()) tops[page] ??= section;
  return tops;
}

function describe({ pages, sections }: SearchIndex, section: number): FoundSection {
  const [page = 0, anchor = '', heading = '', start = ''] = sections[section] ?? [];
  const [address = '', title = ''] = pages[page] ?? [];
  return {
    address: anchor === '' ? address : `${address}#${anchor}`,
    title,
    heading: anchor === '' ? '' : heading,
    start,
  };
}
