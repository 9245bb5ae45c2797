/** A way of writing that a reader has to read twice, and what to write in its place. */
export interface Pattern {
  readonly name: string;
  readonly found: RegExp;
  readonly better: string;
}

/**
 * What a line may not have. A line that needs it is listed in `exceptions`, with its reason.
 * Each pattern is tried on single lines, as they are in the file.
 */
export const patterns: readonly Pattern[] = [
  {
    name: 'is no',
    found: /\b(?:is|are|was|were) no (?!longer\b|more\b|fewer\b|less\b|later\b|earlier\b|other\b)[a-z]/,
    better: '"is not a …", "has no …" or "there is no …"',
  },
  {
    name: 'Of … first',
    found: /(?:\/\/|\*|"""|['"`]) ?Of [a-z]/,
    better: 'subject first: "A held key can …", not "Of a held key …"',
  },
  { name: 'the same, …', found: /(?:\/\/|\*\*?) The same\b/, better: 'what this one does, in its own words' },
  { name: 'whoever', found: /\bwho(?:so)?ever\b/i, better: 'the noun: "the caller", "the administrator"' },
  {
    name: 'told',
    found: /\btold\b/i,
    better: 'what happens: "recorded" (an event), "sent" (a message), "notified" (a person)',
  },
  { name: 'said', found: /\bsaid\b/i, better: 'what happens: "returned", "answered", "declared", "stored"' },
  { name: 'kept', found: /\bkept\b/i, better: '"stored", "cached", "retained" or "held", by meaning' },
  { name: 'looked at', found: /\blook(?:s|ed|ing)? at\b/i, better: '"checked", "reviewed", "read" or "polled"' },
  {
    name: 'nobody, somebody',
    found: /\b(?:no|some)body\b/i,
    better: 'the noun: "the caller", "no caller", "an administrator"',
  },
  { name: 'nearer', found: /\bnearer\b/i, better: '"earlier", "shorten"' },
  { name: 'move out', found: /\bmove[sd]? out\b|\bmoving out\b/i, better: '"postpone"' },
  { name: 'of which', found: /\bof (?:which|whom)\b/i, better: '"whose", or two sentences' },
  { name: 'left out: …', found: /\bleft out:/i, better: '"Default: …"' },
  { name: 'waits in a circle', found: /\bin a circle\b/i, better: '"deadlock"' },
  { name: 'lame', found: /\blame\b/i, better: '"stalled"' },
  { name: 'scrub', found: /\bscrub/i, better: '"redact"' },
  { name: 'has to do', found: /\b(?:thereby|whereof|wherein|thereof|hereby)\b/i, better: 'two plain sentences' },
];

/** Lines that have a pattern for a reason. */
export const exceptions: readonly { readonly file: string; readonly line: RegExp; readonly reason: string }[] = [];
