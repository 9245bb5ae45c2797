import { defineAction } from '../../realms/define-action.ts';
import { retireAction } from '../../realms/retire-action.ts';
import { mutation } from '../mutation.ts';
import { realmFields } from './realm-success.ts';

mutation('defineAction', {
  description:
    'Adds an action to a realm’s catalogue, or brings a retired one back with a new description. Administrators only.',
  input: {
    description: 'The action to add to a realm’s catalogue.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug.' }),
      name: t.string({
        required: true,
        description:
          'The action’s name: at most 64 characters, no wildcard, not beginning with keytide:. For example package:push.',
      }),
      description: t.string({
        required: true,
        description: 'What the action allows, for people: 1 to 500 characters.',
      }),
    }),
  },
  useCase: defineAction,
  toInput: (input) => input,
  failures: ['RealmNotFound', 'ActionExists'],
  success: { description: 'The action is in the catalogue.', fields: realmFields },
});

mutation('retireAction', {
  description:
    'Retires an action: new keys cannot get it, and keys that have it keep it. To retire a retired action changes nothing. Administrators only.',
  input: {
    description: 'The action to retire.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug.' }),
      name: t.string({ required: true, description: 'The name of an action of the catalogue.' }),
    }),
  },
  useCase: retireAction,
  toInput: (input) => input,
  failures: ['RealmNotFound', 'ActionNotFound'],
  success: { description: 'The action is retired.', fields: realmFields },
});
