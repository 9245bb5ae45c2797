import { quote } from './quote.ts';

/** What a request says about the page that sent it. */
export interface RequestOrigin {
  /** The Origin header (RFC 6454, section 7.3); null: there is none, so that no page of another origin sent the request. */
  readonly value: string | null;
  /** Whether a browser would always send it: with every socket, and with every POST of a page. */
  readonly mayBeMissing: boolean;
}

/** Maximum number of origins of pages with portal sessions in a realm. */
const MOST_ORIGINS = 20;

/** Returns why texts cannot be the origins of pages with portal sessions; null: they can be. */
export function originsProblem(origins: readonly string[]): string | null {
  if (origins.length > MOST_ORIGINS) return `found ${origins.length}; expected at most ${MOST_ORIGINS}`;
  const problems = origins.map((origin) => ({ origin, problem: originProblem(origin) }));
  const first = problems.find(({ problem }) => problem !== null);
  return first === undefined ? null : `found ${quote(first.origin)}; ${first.problem}`;
}

/** Returns why a text is not an origin that is accepted. */
function originProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text) {
    return 'expected an origin such as https://app.example: a scheme, a host and a port if it is not the default one';
  }
  return isConfidential(url) ? null : 'expected https: a token sent over http could be read';
}

/** Longest address of a page that mails link to. */
const PAGE_MAX = 500;

/** Returns why a text is not the address of a page to link to; null: it is one. */
export function pageProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isWeb || !isConfidential(url) || text.length > PAGE_MAX) {
    return `expected an https address such as https://app.example/keys, at most ${PAGE_MAX} characters`;
  }
  return null;
}

/** Whether what a browser and the site send is encrypted. Plain HTTP is accepted for loopback hosts, for development. */
function isConfidential({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** Whether a page with this origin may use the portal sessions of a realm with these origins. */
export function isAllowedOrigin({ value, mayBeMissing }: RequestOrigin, origins: readonly string[]): boolean {
  return value === null ? mayBeMissing : origins.includes(value);
}
