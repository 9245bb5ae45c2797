/** The media type of a Content-Type header, in lower case, and its charset if it has one. */
export interface MediaType {
  readonly type: string;
  readonly charset: string | null;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~\w-]+`;
// Each white space has one place in the pattern, so that matching takes linear time.
const PARAMETER = String.raw`;[ \t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\]|\\.)*")[ \t]*)?`;
const MEDIA_TYPE = new RegExp(String.raw`^(${TOKEN}/${TOKEN})[ \t]*((?:${PARAMETER})*)$`);

/** The last text that was parsed, and its result: most requests of a client have the same. */
let last: { readonly text: string; readonly parsed: MediaType | null } = { text: '', parsed: null };

/**
 * Parses a Content-Type (RFC 9110, section 8.3.1): type and parameter names are case-insensitive, and white space may
 * surround each `;`. Returns null for text of another form, and for a charset that is given twice.
 */
export function parseMediaType(text: string): MediaType | null {
  if (text !== last.text) last = { text, parsed: parse(text) };
  return last.parsed;
}

function parse(text: string): MediaType | null {
  const [, type, parameters = ''] = MEDIA_TYPE.exec(text) ?? [];
  if (type === undefined) return null;
  const charsets = [...parameters.matchAll(new RegExp(PARAMETER, 'g'))]
    .filter(([, name]) => name?.toLowerCase() === 'charset')
    .map(([, , value = '']) => unquote(value).toLowerCase());
  return charsets.length > 1 ? null : { type: type.toLowerCase(), charset: charsets[0] ?? null };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}
