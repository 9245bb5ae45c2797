/** One bound on what an operation may ask for. */
export interface OperationLimit {
  /** The most that is accepted. */
  readonly accepted: number;
  /** What is counted: "Found 12 levels of fields". */
  readonly counted: string;
  /** How it is counted, for documents. */
  readonly rule: string;
}

/**
 * Every limit on an operation, each refused before anything of it is run. Measures hold for each operation of a document
 * and go through fragments: what a fragment holds counts at each place where it is spread, whatever @include and @skip say.
 * Beside them stands the limit on a body (`GRAPHQL_BODY_MAX`).
 */
export const limits = {
  tokens: {
    accepted: 1_000,
    counted: 'tokens',
    rule: 'Names, values and punctuation of the whole document. What is over it is not parsed to its end.',
  },
  comments: { accepted: 1_000, counted: 'comments', rule: 'Those of the whole document.' },
  depth: {
    accepted: 10,
    counted: 'levels of fields',
    rule: 'Fields within fields; a field of Query is on level 1. Introspection does not count.',
  },
  breadth: {
    accepted: 200,
    counted: 'fields',
    rule: 'All fields, on all levels. Introspection does not count.',
  },
  aliases: { accepted: 15, counted: 'aliases', rule: 'All aliases, on all levels.' },
  directives: { accepted: 50, counted: 'directives', rule: 'All directives, wherever they stand.' },
  cost: {
    accepted: 5_000,
    counted: 'fields in the answer, as far as can be told',
    rule: 'A field costs 1 (`__typename` nothing); what is below a list costs as often as it has entries: a connection as many as `first` or `last` says, 20 when they are left out, another list 3, or 20 where it may be long; the owners of a preview 100, its weeks 110.',
  },
  introspection: {
    accepted: 300_000,
    counted: 'fields in the answer, as far as can be told',
    rule: 'The same for `__schema` and `__type`: enough for all that GraphiQL and code generators ask.',
  },
  signIns: { accepted: 1, counted: 'places at which signIn stands', rule: 'A password is tried once in an operation.' },
  list: {
    accepted: 200,
    counted: 'entries',
    rule: 'Each list in arguments and variables.',
  },
} as const satisfies Record<string, OperationLimit>;

export type LimitName = keyof typeof limits;
