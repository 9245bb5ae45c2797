import { graphql } from '../../api/graphql.ts';
import type { ChangeKeysOnPageMutation, KeyChange } from '../../api/operations.ts';

export const changeKeysDocument = graphql(`
  mutation ChangeKeysOnPage($input: ChangeKeysInput!) {
    changeKeys(input: $input) {
      ... on ChangeKeysSuccess {
        matchedCount
        confirmation
        byOwner {
          keyCount
          owner {
            id
            name
          }
        }
        operation {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** What a dry run found. */
export type ChangeRehearsal = Extract<ChangeKeysOnPageMutation['changeKeys'], { readonly matchedCount: number }>;

/** The changes that the dialog offers, with what each means for those who use the keys. */
export const keyChanges = {
  HOLD: { name: 'Hold', meaning: 'The keys are refused until they are resumed. It can be undone.' },
  RESUME: { name: 'Resume', meaning: 'The holds that you may lift end. It cannot be undone as a whole.' },
  ASK_ROTATION: {
    name: 'Ask for new secrets',
    meaning: 'The programs that have the keys are asked to replace their secrets. Nothing stops. It can be undone.',
  },
  RENEW: { name: 'Renew', meaning: 'Each key gets the lifetime that it was last given. It cannot be undone.' },
  LABEL: {
    name: 'Set or remove labels',
    meaning:
      'Each key gets the labels, or loses them. Policies that choose keys by a label may set another stop. It can be undone.',
  },
  TRANSFER: { name: 'Transfer', meaning: 'The keys get another owner. Programs notice nothing. It cannot be undone.' },
  REVOKE: { name: 'Revoke', meaning: 'The keys end at once and for good. It cannot be undone.' },
} as const satisfies Readonly<Record<KeyChange, { readonly name: string; readonly meaning: string }>>;
