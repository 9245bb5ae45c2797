import { hash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import { DAY_MS } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { SealError, type Sealer } from '../store/sealing.ts';

/** How long a preview stands for what it showed. */
const LIFETIME_MS = DAY_MS;

/** What of a binding a preview is of: another one of these, and it says nothing of it. */
export interface PreviewedChange {
  readonly realmId: string;
  /** Null: a new binding. */
  readonly bindingId: string | null;
  /** The revision that it changes. */
  readonly revision: number;
  readonly policy: string;
  readonly hash: string;
  readonly config: Json;
  readonly mode: string;
  readonly selector: Json;
  readonly noticeMs: number;
}

/** A token that stands for a preview: what it was of, and how many stops it brings nearer. Only this service makes them. */
export function makePreviewToken(sealer: Sealer, of: PreviewedChange, nearerCount: number, now: Date): string {
  const content = { of: fingerprintOf(of), nearerCount, at: now.getTime() };
  return Buffer.from(sealer.seal(JSON.stringify(content), 'preview')).toString('base64url');
}

/** How many stops the preview said that this change brings nearer. */
export function readPreviewToken(
  sealer: Sealer,
  token: string,
  of: PreviewedChange,
  now: Date,
): number | Failure<'PreviewOutdated'> {
  const outdated = (found: string) => fail('PreviewOutdated', found, { path: ['input', 'previewToken'] });
  let content: { readonly of: string; readonly nearerCount: number; readonly at: number };
  try {
    content = JSON.parse(sealer.open(Buffer.from(token, 'base64url'), 'preview')) as typeof content;
  } catch (error) {
    if (error instanceof SealError) return outdated('The preview token is none of this service.');
    throw error;
  }
  if (content.of !== fingerprintOf(of)) return outdated('The preview was of another change than this one.');
  if (now.getTime() - content.at >= LIFETIME_MS) return outdated('The preview is a day old or older.');
  return content.nearerCount;
}

function fingerprintOf(of: PreviewedChange): string {
  return hash('sha256', canonicalJson(of));
}
