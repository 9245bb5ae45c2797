import { defineAction } from '../../realms/define-action.ts';
import { retireAction } from '../../realms/retire-action.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineRealmSuccess } from './realm-success.ts';

const DefineActionInputRef = builder.inputType('DefineActionInput', {
  fields: (t) => ({
    realm: t.string({ required: true }),
    name: t.string({ required: true, description: 'For example package:push.' }),
    description: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const RetireActionInputRef = builder.inputType('RetireActionInput', {
  fields: (t) => ({
    realm: t.string({ required: true }),
    name: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const DefineActionResult = resultType(
  'DefineAction',
  defineRealmSuccess('DefineAction', 'The realm, with its catalogue.'),
  ['RealmNotFound', 'ActionExists', 'IdempotencyConflict'],
);

const RetireActionResult = resultType(
  'RetireAction',
  defineRealmSuccess('RetireAction', 'The realm, with its catalogue.'),
  ['RealmNotFound', 'ActionNotFound', 'IdempotencyConflict'],
);

builder.mutationField('defineAction', (t) =>
  t.field({
    type: DefineActionResult,
    description: 'Adds an action to the catalogue, or takes a retired one back into it. For administrators.',
    args: { input: t.arg({ type: DefineActionInputRef, required: true }) },
    resolve: (_root, { input: { realm, name, description, idempotencyKey } }, { services, caller }) =>
      defineAction(services, caller, { realm, name, description, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

builder.mutationField('retireAction', (t) =>
  t.field({
    type: RetireActionResult,
    description: 'Takes an action out of new keys; keys that have it keep it. For administrators.',
    args: { input: t.arg({ type: RetireActionInputRef, required: true }) },
    resolve: (_root, { input: { realm, name, idempotencyKey } }, { services, caller }) =>
      retireAction(services, caller, { realm, name, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
