import { labelNameProblem, labelValueProblem } from '../../domain/text.ts';

/** The words of a module and its configuration, which are used for names, labels and actions of generated keys. */
export interface Vocabulary {
  readonly names: readonly string[];
  readonly labelNames: readonly string[];
  readonly labelValues: readonly string[];
  readonly actions: readonly string[];
}

/** Longer texts are taken to be the sentences of reasons. */
const WORD_MAX = 60;

/** Collects the words in source code and configurations: a module may treat keys with such a name or label differently. */
export function collectVocabulary(sources: readonly string[], configuration: readonly unknown[]): Vocabulary {
  const words = [...new Set([...sources.flatMap(literalsIn), ...configuration.flatMap(textsIn)])].filter(isWord);
  return {
    names: words,
    labelNames: words.filter((word) => labelNameProblem(word) === null),
    labelValues: words.filter((word) => labelValueProblem(word) === null),
    actions: words.filter((word) => word.includes(':')),
  };
}

/** Returns quoted texts, the fixed parts of templates, and labels that are read as members. */
function literalsIn(source: string): string[] {
  const quoted = [...source.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].flatMap(([, quote, text = '']) =>
    quote === '`' ? text.split(/\$\{[^}]*\}/) : [text],
  );
  const members = [...source.matchAll(/\blabels\??\.([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu)].map(
    ([, name = '']) => name,
  );
  return [...quoted, ...members];
}

/** Returns all texts in a value, including the keys of nested objects. */
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
