import { defineAction } from '../../realms/define-action.ts';
import { retireAction } from '../../realms/retire-action.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineRealmSuccess } from './realm-success.ts';

const DefineActionInputRef = builder.inputType('DefineActionInput', {
  description: 'The action to add to a realm’s catalogue.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The realm’s slug.' }),
    name: t.string({
      required: true,
      description:
        'The action’s name: at most 64 characters, no wildcard, not beginning with keytide:. For example package:push.',
    }),
    description: t.string({ required: true, description: 'What the action allows, for people: 1 to 500 characters.' }),
    idempotencyKey: t.string(),
  }),
});

const RetireActionInputRef = builder.inputType('RetireActionInput', {
  description: 'The action to retire.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The realm’s slug.' }),
    name: t.string({ required: true, description: 'The name of an action of the catalogue.' }),
    idempotencyKey: t.string(),
  }),
});

const DefineActionResult = resultType(
  'DefineAction',
  defineRealmSuccess('DefineAction', 'The action is in the catalogue.'),
  ['RealmNotFound', 'ActionExists', 'IdempotencyConflict'],
);

const RetireActionResult = resultType('RetireAction', defineRealmSuccess('RetireAction', 'The action is retired.'), [
  'RealmNotFound',
  'ActionNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('defineAction', (t) =>
  t.field({
    type: DefineActionResult,
    description:
      'Adds an action to a realm’s catalogue, or brings a retired one back with a new description. Administrators only.',
    args: { input: t.arg({ type: DefineActionInputRef, required: true }) },
    resolve: (_root, { input: { realm, name, description, idempotencyKey } }, { services, caller }) =>
      defineAction(services, caller, { realm, name, description, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

builder.mutationField('retireAction', (t) =>
  t.field({
    type: RetireActionResult,
    description:
      'Retires an action: new keys cannot get it, keys that have it keep it. Retiring it again changes nothing. Administrators only.',
    args: { input: t.arg({ type: RetireActionInputRef, required: true }) },
    resolve: (_root, { input: { realm, name, idempotencyKey } }, { services, caller }) =>
      retireAction(services, caller, { realm, name, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
