/** A sentence about one key, and the same about several. */
type OneOrMany = readonly [one: string, many: string];

/** What a mail says about the keys that an operation of one kind changed. */
export interface OperationSentences {
  /** What happened to them. Follows "An API key", or the number and "API keys". */
  readonly headline: OneOrMany;
  /** What that means. */
  readonly statement: OneOrMany;
  /** What the reader should do. `who` made the change. */
  advice(who: string): string;
}

/** The kinds of operations that owners are mailed about: after the others there is nothing to know. */
export const operationSentences: Readonly<Record<string, OperationSentences>> = {
  HOLD: {
    headline: ['was held', 'were held'],
    statement: ['It does not work until a person resumes it.', 'They do not work until a person resumes them.'],
    advice: (who) => `What to do: ask ${who} when this ends, or issue other keys.`,
  },
  RESUME: {
    headline: ['was resumed', 'were resumed'],
    statement: [
      'It works again, unless it is held for another reason.',
      'They work again, except those that are held for another reason.',
    ],
    advice: () => 'What to do: check that the programs that failed run again.',
  },
  REVOKE: {
    headline: ['was revoked', 'were revoked'],
    statement: ['It will never work again.', 'They will never work again.'],
    advice: () => 'What to do: issue other keys, if you still need them.',
  },
  ASK_ROTATION: {
    headline: ['needs a new secret', 'need new secrets'],
    statement: [
      'It goes on working until you replace its secret.',
      'They go on working until you replace their secrets.',
    ],
    advice: () =>
      'What to do: rotate each key. Programs that renew their key by themselves rotate it at their next run.',
  },
  TRANSFER: {
    headline: ['was given to another owner', 'were given to other owners'],
    statement: ['It goes on working, but is no longer yours.', 'They go on working, but are no longer yours.'],
    advice: (who) => `What to do: ask ${who}, if you did not expect this.`,
  },
};
