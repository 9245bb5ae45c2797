import { escapeHtml } from '../domain/html.ts';

const HASH_COMMENT = /(?:^|(?<=\s))#.*/;
const SLASH_COMMENT = /\/\/.*|\/\*[\s\S]*?\*\//;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/;
/** In a shell a string may have several lines. */
const LONG_STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/;
const VARIABLE = /\$\w+|\$\{[^}\n]*\}/;
const NUMBER = /\b\d[\d_.]*\b/;
const KEY = /^\s*(?:- )?[\w./-]+(?=:(?:\s|$))/m;

const words = (list: string) => new RegExp(String.raw`\b(?:${list.replaceAll(' ', '|')})\b`);

const script = words(
  'import from export const let new await async function return if else for of throw try catch type interface true false null undefined',
);

/** What is marked in the code of a language, the first that matches at a place. */
const grammars: Readonly<Record<string, readonly (readonly [kind: string, pattern: RegExp])[]>> = {
  graphql: [
    ['comment', /#.*/],
    ['string', /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"/],
    ['variable', /\$\w+/],
    [
      'word',
      words(
        'query mutation subscription fragment on type input enum interface union scalar implements true false null',
      ),
    ],
    ['number', NUMBER],
  ],
  json: [
    ['name', /"(?:[^"\\\n]|\\.)*"(?=\s*:)/],
    ['string', /"(?:[^"\\\n]|\\.)*"/],
    ['word', words('true false null')],
    ['number', NUMBER],
  ],
  js: [
    ['comment', SLASH_COMMENT],
    ['string', STRING],
    ['word', script],
    ['number', NUMBER],
  ],
  sh: [
    ['comment', HASH_COMMENT],
    ['string', LONG_STRING],
    ['variable', VARIABLE],
  ],
  yaml: [
    ['comment', HASH_COMMENT],
    ['name', KEY],
    ['string', STRING],
    ['variable', /\$\{\{[^}\n]*\}\}/],
    ['word', words('true false null')],
  ],
};

const aliases: Readonly<Record<string, string>> = { ts: 'js', groovy: 'js' };

/** Returns code as HTML, with its comments, strings and words marked where the language is known. */
export function highlight(code: string, language: string): string {
  const grammar = grammars[aliases[language] ?? language];
  if (grammar === undefined) return escapeHtml(code);
  const source = grammar.map(([kind, pattern], index) => `(?<${kind}_${index}>${pattern.source})`).join('|');
  let html = '';
  let end = 0;
  for (const match of code.matchAll(new RegExp(source, 'gm'))) {
    const [group = ''] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    const [kind = ''] = group.split('_');
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
