/** Upper bound on delays: a day. A Node timer that is set for a month fires at once. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/** The three forms of an HTTP date (RFC 9110, section 5.6.7): of RFC 5322, RFC 850 and asctime. */
const dateForms: readonly RegExp[] = [
  /^\w{3}, (?<day>\d{2}) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{6,9}, (?<day>\d{2})-(?<month>\w{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * Reads the delay of a response's Retry-After (RFC 9110, section 10.2.3) in ms, from 0 to a day. Returns null if there
 * is none. A date is compared with the response's own Date, because the clocks of the two machines may differ.
 */
export function readRetryAfterHeader({ headers }: Pick<Response, 'headers'>, now = new Date()): number | null {
  const header = (headers.get('retry-after') ?? '').trim();
  if (/^\d+$/.test(header)) return Math.min(Number(header) * 1000, RETRY_AFTER_MAX_MS);
  const sentMs = parseHttpDate(headers.get('date') ?? '', now) ?? now.getTime();
  const atMs = parseHttpDate(header, new Date(sentMs));
  return atMs === null ? null : Math.min(Math.max(0, atMs - sentMs), RETRY_AFTER_MAX_MS);
}

/** Parses an HTTP date; null: malformed. A year of two digits is at most 50 years ahead. */
function parseHttpDate(text: string, now: Date): number | null {
  const { day, month, year = '', time } = dateForms.map((form) => form.exec(text)).find(Boolean)?.groups ?? {};
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  const shortYear = century + Number(year);
  const fullYear =
    year.length === 4 ? Number(year) : shortYear > now.getUTCFullYear() + 50 ? shortYear - 100 : shortYear;
  const ms = Date.parse(`${day?.trim().padStart(2, '0')} ${month} ${fullYear} ${time} GMT`);
  return Number.isNaN(ms) ? null : ms;
}
