import { matchesGlob } from '../../../domain/glob.ts';
import { DAY_MS } from '../../../domain/duration.ts';
import type { IssueKeyInput } from '../../api/operations.ts';
import type { IssueBoundsOfOwner } from './issue-query.ts';

/** A scope as it is typed. */
export interface ScopeDraft {
  readonly action: string;
  readonly resource: string;
}

/** How the key will be renewed, and where it is used. */
export type RenewalPlan = 'GITHUB' | 'GITLAB' | 'SERVER' | 'PROGRAM' | 'HAND';

/** A key as the form has it. */
export interface NewKeyDraft {
  readonly name: string;
  readonly realm: string;
  /** The id of an organization; empty: the person. */
  readonly owner: string;
  readonly scopes: readonly ScopeDraft[];
  /** A number of days; DEFAULT: as policies decide; DATE: until `date`. */
  readonly life: 'DEFAULT' | 'DATE' | `${number}`;
  /** A day, as 2027-01-31. */
  readonly date: string;
  readonly plan: RenewalPlan;
}

export const emptyDraft: NewKeyDraft = {
  name: '',
  realm: 'default',
  owner: '',
  scopes: [{ action: '', resource: '' }],
  life: '90',
  date: '',
  plan: 'SERVER',
};

const lives = [30, 90, 365];

/** Returns the lives, in days, that the bounds allow from now on. A life that ends a moment beyond a bound counts. */
export function allowedLives({ earliest, latest }: IssueBoundsOfOwner, now: Date): readonly number[] {
  const tolerance = DAY_MS / 24;
  return lives.filter((days) => {
    const end = now.getTime() + days * DAY_MS;
    return end >= Date.parse(earliest) - tolerance && end <= Date.parse(latest) + tolerance;
  });
}

/** Returns the moment at which a day ends for the person. */
export function endOfDay(date: string): Date {
  return new Date(`${date}T23:59:59`);
}

/** Whether a scope covers a resource, by the rule by which the gateway decides. */
export function coversResource({ resource }: ScopeDraft, text: string, foldsCase: boolean): boolean {
  return resource !== '' && matchesGlob(resource, text, { foldsCase });
}

export function inputOf(draft: NewKeyDraft, idempotencyKey: string): IssueKeyInput {
  const { name, realm, owner, scopes, life, date } = draft;
  return {
    name: name.trim(),
    realm,
    ...(owner !== '' && { owner }),
    scopes: scopes.map(({ action, resource }) => ({ action, resource: resource.trim() })),
    ...(life === 'DATE' && { expiresAt: endOfDay(date).toISOString() }),
    ...(life !== 'DATE' && life !== 'DEFAULT' && { lifetime: `P${life}D` }),
    idempotencyKey,
  };
}
