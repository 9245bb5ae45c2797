import { retainForEver, type RetentionByTable } from '../store/retention-rule.ts';

/** Keys are never deleted: history stays, and says why (law 10). */
export const keyRetention = {
  Key: retainForEver('An expired or revoked key stays readable, with the reason.'),
  Label: [{ rows: 'all', until: 'until the label is replaced', why: 'The labels in force, also of ended keys.' }],
  Hold: [
    { rows: 'all', until: 'until the key is resumed', why: 'The holds in force. The key’s history has the rest.' },
  ],
  Secret: retainForEver('A retired secret is refused with its own outcome. Only its digest is stored.'),
  Use: retainForEver(
    'Where a secret was used: who has not moved to a new secret yet, and whether a retired secret is used somewhere new.',
  ),
  UseDays: retainForEver('One row for each key: the last 400 days on which it was used. Policies read it.'),
  Leak: retainForEver('A leak reported again changes nothing, whenever the report comes.'),
  Notice: retainForEver('Each notice is given once. Without its row it would be given again.'),
} satisfies RetentionByTable;
