import type { ChangeKeysInput, KeyChange } from '../../api/operations.ts';
import { splitLines, readNameValues } from '../../parts/name-values.ts';

/** What the changes take besides the keys, as the dialog has it. An empty text: the default. */
export interface ValuesDraft {
  /** TRANSFER: the id of the new owner. */
  readonly owner: string;
  /** LABEL: lines of name=value. */
  readonly labels: string;
  /** LABEL: a name in each line. */
  readonly removeLabels: string;
  /** RENEW: an ISO 8601 duration. */
  readonly lifetime: string;
  /** ASK_ROTATION: an ISO 8601 duration. */
  readonly gracePeriod: string;
}

export const emptyValues: ValuesDraft = { owner: '', labels: '', removeLabels: '', lifetime: '', gracePeriod: '' };

type ChangeValues = Pick<ChangeKeysInput, 'owner' | 'labels' | 'removeLabels' | 'lifetime' | 'gracePeriod'>;

/** Returns the values that a change takes, without the others, which the gateway refuses. */
export function valuesOf(change: KeyChange, draft: ValuesDraft): ChangeValues {
  switch (change) {
    case 'TRANSFER':
      return { owner: draft.owner };
    case 'LABEL':
      return {
        labels: readNameValues(draft.labels).map(({ name, value }) => ({ name, value })),
        removeLabels: [...splitLines(draft.removeLabels)],
      };
    case 'RENEW':
      return draft.lifetime === '' ? {} : { lifetime: draft.lifetime };
    case 'ASK_ROTATION':
      return draft.gracePeriod === '' ? {} : { gracePeriod: draft.gracePeriod };
    default:
      return {};
  }
}

/** The lifetimes to choose from, by their names. */
export const lifetimeChoices = [
  ['', 'as each was last given'],
  ['P30D', '30 days'],
  ['P90D', '90 days'],
  ['P365D', 'a year'],
] as const;

/** How long the old secrets can work, by their names. */
export const graceChoices = [
  ['', 'a day'],
  ['PT1H', 'an hour'],
  ['P7D', '7 days'],
  ['P30D', '30 days'],
] as const;
