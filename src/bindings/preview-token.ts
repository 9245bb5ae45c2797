import { hash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import { DAY_MS } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { SealError, type Sealer } from '../store/sealing.ts';

/** How long a preview token is valid. */
const LIFETIME_MS = DAY_MS;

/** What a preview token is bound to: it is valid only for exactly this change. */
export interface PreviewedChange {
  readonly realmId: string;
  /** Null: a new binding. */
  readonly bindingId: string | null;
  /** The binding's revision at the preview, which the change replaces; 0: a new binding. */
  readonly revision: number;
  readonly policy: string;
  readonly hash: string;
  readonly config: Json;
  readonly mode: string;
  readonly selector: Json;
  readonly noticeMs: number;
}

/** Creates the token of a preview: a sealed fingerprint of the change and the number of stops that it shortens. */
export function makePreviewToken(sealer: Sealer, previewed: PreviewedChange, nearerCount: number, now: Date): string {
  const content = { of: fingerprintOf(previewed), nearerCount, at: now.getTime() };
  return Buffer.from(sealer.seal(JSON.stringify(content), 'preview')).toString('base64url');
}

/**
 * Returns the number of stops that the preview of this change shortens, or a failure if the token is not valid for it.
 */
export function readPreviewToken(
  sealer: Sealer,
  token: string,
  previewed: PreviewedChange,
  now: Date,
): number | Failure<'PreviewOutdated'> {
  const outdated = (found: string) => fail('PreviewOutdated', found, { path: ['input', 'previewToken'] });
  let content: { readonly of: string; readonly nearerCount: number; readonly at: number };
  try {
    content = JSON.parse(sealer.open(Buffer.from(token, 'base64url'), 'preview')) as typeof content;
  } catch (error) {
    if (error instanceof SealError) return outdated('The preview token was not issued by this service.');
    throw error;
  }
  if (content.of !== fingerprintOf(previewed)) return outdated('The preview was of another change.');
  if (now.getTime() - content.at >= LIFETIME_MS)
    return outdated('The preview token has expired: it is valid for a day.');
  return content.nearerCount;
}

function fingerprintOf(previewed: PreviewedChange): string {
  return hash('sha256', canonicalJson(previewed));
}
