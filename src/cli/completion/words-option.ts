import { Option } from 'commander';

/** An option that takes several values, each beginning with one of some words. A shell completes them. */
export class WordsOption extends Option {
  readonly words: readonly string[];

  constructor(flags: string, description: string, words: readonly string[]) {
    super(flags, description);
    this.words = words;
  }
}

/** Returns the words with which a shell completes the values of an option; empty: unknown. */
export function wordsOf(option: Option): readonly string[] {
  return option instanceof WordsOption ? option.words : [];
}
