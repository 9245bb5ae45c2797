import type { Sensitive } from '../domain/sensitive.ts';

/** The width of the banner in characters. A line with a long URL or email is wider. */
const WIDTH = 100;
const INDENT = '  ';

export interface BannerFacts {
  readonly version: string;
  /** The base URL at which callers reach the gateway, without a trailing slash. */
  readonly publicUrl: string;
  /** Where the data is stored, as text for people. */
  readonly database: string;
  readonly adminEmail: string;
  /** The administrator's generated password. Null after the first start, and when the settings gave the password. */
  readonly generatedPassword: Sensitive<string> | null;
  /** True for a terminal, unless NO_COLOR is set (no-color.org). */
  readonly isColored: boolean;
}

/**
 * Returns the text that is printed once at start: the addresses, how to sign in, and three commands to try one after
 * the other in any POSIX shell or zsh with curl. The frame has no sides, so that a command can be copied whole. The headings
 * begin with `:`, which does nothing: at a prompt zsh takes # for the name of a command.
 *
 * The text contains the generated password: print it to the terminal and nowhere else.
 */
export function banner(facts: BannerFacts): string {
  const { publicUrl, adminEmail, generatedPassword } = facts;
  const paint = (code: number, text: string) => (facts.isColored ? `\u001b[${code}m${text}\u001b[0m` : text);
  const fact = (name: string, value: string) => `${INDENT}${paint(2, name.padEnd(10))}${value}`;
  const heading = (text: string) => `${INDENT}${paint(1, text)}`;
  const title = ` Keytide ${facts.version} `;
  const password = generatedPassword?.reveal() ?? null;
  const lines = [
    `──${paint(1, title)}${'─'.repeat(WIDTH - 2 - title.length)}`,
    fact('Console', `${publicUrl}/`),
    fact('GraphQL', `${publicUrl}/graphql`),
    fact('Health', `${publicUrl}/readyz  ${publicUrl}/metrics`),
    fact('Key set', `${publicUrl}/.well-known/jwks.json`),
    fact('Data', facts.database),
    fact('Sign in', adminEmail + (password === null ? '' : `  with the password  ${paint(1, password)}`)),
    ...(password === null ? [] : [fact('', 'It is shown only now: sign in and change it, or store it safely.')]),
    '',
    heading(': 1. Sign in'),
    ...signInCommand(publicUrl, adminEmail, password ?? 'YOUR-PASSWORD'),
    heading(': 2. Issue a key'),
    ...issueKeyCommand(publicUrl),
    heading(': 3. Verify it'),
    ...verifyKeyCommand(publicUrl),
    '─'.repeat(WIDTH),
  ];
  return `${lines.join('\n')}\n`;
}

function signInCommand(publicUrl: string, email: string, password: string): string[] {
  const query = 'mutation($i:SignInInput!){signIn(input:$i){...on SignInSuccess{token}}}';
  return [
    `TOKEN=$(${curlPost(publicUrl)} -d '{`,
    ...requestBody(query, `{"email":${shellQuotedJson(email)},`, `"password":${shellQuotedJson(password)}}`),
    `}' | ${extractField('token')})`,
  ];
}

function issueKeyCommand(publicUrl: string): string[] {
  const query = 'mutation($i:IssueKeyInput!){issueKey(input:$i){...on IssueKeySuccess{secret}}}';
  return [
    `SECRET=$(${curlPost(publicUrl)} -H "Authorization: Bearer $TOKEN" -d '{`,
    ...requestBody(
      query,
      '{"realm":"default","name":"my first key","lifetime":"P90D",',
      '"scopes":[{"action":"package:push","resource":"Acme.*"}]}',
    ),
    `}' | ${extractField('secret')})`,
  ];
}

function verifyKeyCommand(publicUrl: string): string[] {
  const query = 'mutation($i:VerifyKeyInput!){verifyKey(input:$i){outcome stopsAt message}}';
  return [
    `${curlPost(publicUrl)} -H "Authorization: Bearer $TOKEN" -d '{`,
    ...requestBody(query, `{"secret":"'"$SECRET"'",`, '"action":"package:push","resource":"Acme.Core"}'),
    `}'; echo`,
  ];
}

function curlPost(publicUrl: string): string {
  return `curl -s '${escapeSingleQuotes(publicUrl)}/graphql' \\\n${INDENT}-H 'Content-Type: application/json'`;
}

/**
 * Returns the inside of a request's JSON body for a single-quoted shell string. Lines break only between JSON tokens.
 */
function requestBody(query: string, ...input: string[]): string[] {
  const [first = '', ...rest] = input;
  return [
    `${INDENT}"query":"${query}",`,
    `${INDENT}"variables":{"i":${first}`,
    ...rest.map((line, index) => `${INDENT}${INDENT}${line}${index === rest.length - 1 ? '}' : ''}`),
  ];
}

/** Returns a command that extracts a string field from a response with sed, as jq may not be installed. */
function extractField(field: string): string {
  return String.raw`sed -E 's/.*"${field}":"([^"]*)".*/\1/'`;
}

/** Returns a string as JSON for use inside single quotes of a shell. */
function shellQuotedJson(value: string): string {
  return escapeSingleQuotes(JSON.stringify(value));
}

function escapeSingleQuotes(value: string): string {
  return value.replaceAll("'", String.raw`'\''`);
}
