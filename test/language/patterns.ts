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
    found: /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|fewer\b|less\b|later\b|earlier\b|other\b)[a-z]/i,
    better: '"is not a …", "has no …" or "there is no …"',
  },
  {
    name: 'Of … first',
    found: /(?:\/\/|\*|"""|['"`]) ?Of [a-z]/,
    better: 'subject first: "A held key can …", not "Of a held key …"',
  },
  { name: 'the same, …', found: /(?:\/\/|\*\*?) The same\b/, better: 'what this one does, in its own words' },
  { name: 'whoever', found: /\bwhom?(?:so)?ever\b/i, better: 'the noun: "the caller", "the administrator"' },
  {
    name: 'told',
    found: /\btold\b/i,
    better: 'what happens: "recorded" (an event), "sent" (a message), "notified" (a person)',
  },
  { name: 'said', found: /\bsaid\b/i, better: 'what happens: "returned", "answered", "declared", "stored"' },
  { name: 'kept', found: /\bkept\b(?! alive\b)/i, better: '"stored", "cached", "retained" or "held", by meaning' },
  { name: 'looked at', found: /\blook(?:s|ed|ing)? at\b/i, better: '"checked", "reviewed", "read" or "polled"' },
  {
    name: 'nobody, somebody, anybody, everybody',
    found: /\b(?:no|some|any|every)body\b/i,
    better: 'the noun: "the caller", "no caller", "an administrator", "all users"',
  },
  { name: 'nearer', found: /\bnearer\b/i, better: '"earlier", "shorten"' },
  { name: 'move out', found: /\bmove[sd]? out\b|\bmoving out\b/i, better: '"postpone"' },
  { name: 'of which', found: /(?<!\b(?:none|one|each) )\bof (?:which|whom)\b/i, better: '"whose", or two sentences' },
  { name: 'left out: …', found: /\bleft out:/i, better: '"Default: …"' },
  { name: 'waits in a circle', found: /\bin a circle\b/i, better: '"deadlock"' },
  { name: 'lame', found: /\blame\b/i, better: '"stalled"' },
  { name: 'scrub', found: /\bscrub/i, better: '"redact"' },
  {
    name: 'anew, look again',
    found: /\b(?:looks?|looked) (?:again|anew)\b|\banew\b/i,
    better: '"again", "re-checked"',
  },
  { name: 'asked for', found: /\basked for\b/i, better: '"requested", "required"' },
  { name: 'word', found: /\b(?:last|own) words?\b/i, better: '"previous verdict", "name", "declaration"' },
  { name: 'let through', found: /\b(?:let|lets|letting) through\b/i, better: '"accept", "allow", "release"' },
  {
    name: 'is away',
    found:
      /\b(?:database|gateway|server|provider|issuer|receiver) (?:is|was) away\b|\b(?:is|was) away (?:for|from then)\b/i,
    better: '"is unavailable", "is down"',
  },
  { name: '… alone', found: /\b(?:owner|root|user|gateway|administrators?|development) alone\b/i, better: '"only …"' },
  {
    name: 'tidied, seen to',
    found: /\btid(?:y|ied)\b|\bseen to\b|\bstood still\b/i,
    better: '"deleted", "assigned", "suspended"',
  },
  {
    name: 'thereby',
    found: /\b(?:thereby|whereby|whereof|wherein|whereupon|lest|thereof|hereby)\b/i,
    better: 'two plain sentences',
  },
];

/** The field names `said` and `kept` of verdicts and previews, which the schema promises. */
const SAID_AND_KEPT = 'a name that the schema or stored JSON promises';

/** Lines that have a pattern for a reason. */
export const exceptions: readonly { readonly file: string; readonly line: RegExp; readonly reason: string }[] = [
  { file: 'schema.graphql', line: /^ +(?:said|kept): DateTime!?$/, reason: SAID_AND_KEPT },
  { file: 'src/graphql/policy/explanation.ts', line: /^ +(?:said|kept): t\.field/, reason: SAID_AND_KEPT },
  { file: 'src/graphql/policy/policy-preview.ts', line: /^ +said: t\.expose/, reason: SAID_AND_KEPT },
  {
    file: 'src/policies/stored-verdicts.ts',
    line: /^(?: +readonly (?:said|kept):| .*\bsaid\b.*\bkept\b)/,
    reason: SAID_AND_KEPT,
  },
  { file: 'src/cli/commands/explain.ts', line: /\bsaid kept\b|\.kept\b|^ +readonly kept:/, reason: SAID_AND_KEPT },
  { file: 'CHANGELOG.md', line: /`PreviewedKey\.said`/, reason: SAID_AND_KEPT },
  { file: 'docs/glossary.md', line: /`said` .* `kept`/, reason: SAID_AND_KEPT },
  { file: 'docs/glossary.md', line: /mask, scrub/, reason: 'the glossary lists the words of other systems' },
  { file: 'docs/guides/change-a-policy.md', line: /^ +said$|`said`/, reason: SAID_AND_KEPT },
  { file: 'docs/guides/policies.md', line: /\bsaid kept\b|`said` .* `kept`/, reason: SAID_AND_KEPT },
];
