import type { KeySelector } from '../../api/operations.ts';
import { localDayOf } from '../../parts/time.ts';
import type { OwnerNames } from './policy-query.ts';

/** Which keys a binding applies to, as it is typed. */
export interface SelectorDraft {
  readonly kind: 'ALL' | 'SOME' | 'TEXT';
  readonly owners: readonly string[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** Days, as 2027-01-31; empty: no bound. */
  readonly issuedAfter: string;
  readonly issuedBefore: string;
  /** The selector as JSON. */
  readonly text: string;
}

export const allKeys: SelectorDraft = {
  kind: 'ALL',
  owners: [],
  labels: [],
  issuedAfter: '',
  issuedBefore: '',
  text: '',
};

/** The members for which the form has fields. */
const askedMembers = ['owners', 'labels'];

/** Returns the form of a stored selector: fields if they can show all of it, else JSON. */
export function selectorDraftOf(stored: unknown): SelectorDraft {
  if (stored === null || stored === undefined) return allKeys;
  const selector = readSelector(stored);
  const given = Object.entries(selector).filter(([, value]) => value !== null && value !== undefined);
  const text = JSON.stringify(Object.fromEntries(given), null, 2);
  if (!given.every(([name]) => askedMembers.includes(name))) return { ...allKeys, kind: 'TEXT', text };
  return { ...allKeys, kind: 'SOME', text, owners: selector.owners ?? [], labels: selector.labels ?? [] };
}

/** Returns a selector for the gateway; null: all keys. @throws SyntaxError if the text is not JSON. */
export function selectorOf({
  kind,
  owners,
  labels,
  issuedAfter,
  issuedBefore,
  text,
}: SelectorDraft): KeySelector | null {
  if (kind === 'ALL') return null;
  if (kind === 'TEXT') return JSON.parse(text) as KeySelector;
  return {
    ...(owners.length > 0 && { owners }),
    ...(labels.length > 0 && { labels: labels.map(({ name, value }) => ({ name: name.trim(), value: value.trim() })) }),
    ...(issuedAfter !== '' && { issuedAfter: startOfDay(issuedAfter) }),
    ...(issuedBefore !== '' && { issuedBefore: startOfDay(issuedBefore) }),
  };
}

/** Whether a selector can select keys of an owner, as far as owners decide. */
export function maySelectOwner(stored: unknown, owner: string): boolean {
  if (stored === null || stored === undefined) return true;
  const { owners, not } = readSelector(stored);
  const isExcluded =
    not != null &&
    Object.entries(not).every(([name, value]) => name === 'owners' || value == null) &&
    not.owners?.includes(owner);
  return (owners == null || owners.includes(owner)) && isExcluded !== true;
}

/** Returns in words which keys a stored selector selects. */
export function describeSelector(stored: unknown, names: OwnerNames): string {
  if (stored === null || stored === undefined) return 'all keys';
  const { owners, keyIds, labels, issuedAfter, issuedBefore, not } = readSelector(stored);
  const parts = [
    owners == null
      ? null
      : `of ${owners.length === 0 ? 'no owner' : owners.map((id) => names.get(id) ?? id).join(' or ')}`,
    keyIds == null ? null : `among ${String(keyIds.length)} by id`,
    labels == null || labels.length === 0
      ? null
      : `with ${labels.map(({ name, value }) => `${name}=${value}`).join(' and ')}`,
    issuedAfter == null ? null : `issued from ${localDayOf(new Date(issuedAfter))} on`,
    issuedBefore == null ? null : `issued before ${localDayOf(new Date(issuedBefore))}`,
    not == null ? null : `except ${describeSelector(not, names)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'all keys' : `keys ${parts.join(', ')}`;
}

/** A selector is stored as it was given, in this form. */
function readSelector(stored: unknown): KeySelector {
  return typeof stored === 'object' && stored !== null ? (stored as KeySelector) : {};
}

function startOfDay(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}
