import { hash } from 'node:crypto';
import { parseSecret } from '../../domain/secret.ts';
import type { ReportedSecret } from '../../keys/report-leaks.ts';
import { redactLeakUrl, redactFoundIn } from './redact-location.ts';

/** The most records of a report. */
export const RECORDS_MAX = 10_000;

/** The longest type of a record, in characters. A record with a longer type is skipped. */
const LONGEST_TYPE = 200;

/** A record of a report: the token that was found, and the source's name for its type of secret. */
export interface LeakRecord extends ReportedSecret {
  readonly type: string;
}

/**
 * Parses the records of a report: [{ token, type, url, source }]. A record without a token or a type is skipped.
 * Returns null if the body is not a list. Of a token, only its digest is returned.
 */
export function parseLeakReport(body: Buffer, reportedBy: string): readonly LeakRecord[] | null {
  const records = parseJson(body);
  if (!Array.isArray(records)) return null;
  return (records as readonly unknown[]).flatMap((entry) => {
    const { token, type, url, source } = (entry ?? {}) as Record<string, unknown>;
    if (typeof token !== 'string' || typeof type !== 'string' || type.length > LONGEST_TYPE) return [];
    const digest = hash('sha256', token, 'hex');
    // A token that cannot be a secret of ours is not stored, and neither is its location.
    const secret = parseSecret(token)?.reveal();
    const location =
      secret === undefined
        ? { url: null, foundIn: null }
        : { url: redactLeakUrl(url, secret), foundIn: redactFoundIn(source, secret) };
    return [{ digest, type, reportedBy, ...location }];
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
