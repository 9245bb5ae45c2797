import { labelNameProblem, labelValueProblem } from '../../domain/text.ts';

/** What generated keys are called and labelled by, beside what any key is: the words that a module and its configuration use. */
export interface Vocabulary {
  readonly names: readonly string[];
  readonly labelNames: readonly string[];
  readonly labelValues: readonly string[];
  readonly actions: readonly string[];
}

/** Longer ones are sentences of reasons. */
const WORD_MAX = 60;

/** The words that source code and a configuration spell out: a module asks for keys that are called or labelled so. */
export function collectVocabulary(sources: readonly string[], configuration: readonly unknown[]): Vocabulary {
  const words = [...new Set([...sources.flatMap(literalsIn), ...configuration.flatMap(textsIn)])].filter(isWord);
  return {
    names: words,
    labelNames: words.filter((word) => labelNameProblem(word) === null),
    labelValues: words.filter((word) => labelValueProblem(word) === null),
    actions: words.filter((word) => word.includes(':')),
  };
}

/** Texts between quotes, the fixed parts of templates, and the labels that are read as members. */
function literalsIn(source: string): string[] {
  const quoted = [...source.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].flatMap(([, quote, text = '']) =>
    quote === '`' ? text.split(/\$\{[^}]*\}/) : [text],
  );
  const members = [...source.matchAll(/\blabels\??\.([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu)].map(
    ([, name = '']) => name,
  );
  return [...quoted, ...members];
}

/** All texts in a value, the names of what its members hold included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? [...Object.keys(member), ...textsIn(member)]
      : textsIn(member),
  );
}

function isWord(text: string): boolean {
  return text.trim() !== '' && text.length <= WORD_MAX && !text.endsWith('.') && !text.includes('\\');
}
