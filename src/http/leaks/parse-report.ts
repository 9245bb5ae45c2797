import { hash } from 'node:crypto';
import { parseSecret } from '../../domain/secret.ts';
import type { ReportedSecret } from '../../keys/report-leaks.ts';
import { redactLeakUrl, redactFoundIn } from './redact-location.ts';

/** How many records a report may have. */
export const RECORDS_MAX = 10_000;

/** In characters. */
const LONGEST_TYPE = 200;

/** A record of a report: what was found, and what its source calls the kind of secret that it took it for. */
export interface LeakRecord extends ReportedSecret {
  readonly type: string;
}

/**
 * The records of a report: [{ token, type, url, source }]. One that has no token or no type is left out, and the others are
 * taken. Null: it is no list. Of what was found nothing is kept but its digest.
 */
export function parseLeakReport(body: Buffer, reportedBy: string): readonly LeakRecord[] | null {
  const found = parseJson(body);
  if (!Array.isArray(found)) return null;
  return (found as readonly unknown[]).flatMap((entry) => {
    const { token, type, url, source } = (entry ?? {}) as Record<string, unknown>;
    if (typeof token !== 'string' || typeof type !== 'string' || type.length > LONGEST_TYPE) return [];
    const digest = hash('sha256', token, 'hex');
    // Nothing of it is kept of what never was a secret.
    const secret = parseSecret(token)?.reveal();
    const where =
      secret === undefined
        ? { url: null, foundIn: null }
        : { url: redactLeakUrl(url, secret), foundIn: redactFoundIn(source, secret) };
    return [{ digest, type, reportedBy, ...where }];
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
