import type { RealmSettings } from '../../realms/check-realm-settings.ts';
import { createRealm } from '../../realms/create-realm.ts';
import { updateRealm } from '../../realms/update-realm.ts';
import { builder } from '../builder.ts';
import { LeakResponseEnum, RoleEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey, ScopeInputRef } from '../common-inputs.ts';
import { defineRealmSuccess } from './realm-success.ts';

const CeilingInputRef = builder.inputType('CeilingInput', {
  description: 'The most that keys issued by accounts of a role may be given. Actions may be * or prefix:*.',
  fields: (t) => ({
    role: t.field({ type: RoleEnum, required: true }),
    scopes: t.field({ type: [ScopeInputRef], required: true }),
  }),
});

const FreezeInputRef = builder.inputType('FreezeInput', {
  description: 'A time in which nothing is to stop by itself: what policy would stop then is moved behind it.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true }),
    to: t.field({ type: 'DateTime', required: true }),
    reason: t.string({ required: true }),
  }),
});

const CreateRealmInputRef = builder.inputType('CreateRealmInput', {
  fields: (t) => ({
    slug: t.string({ required: true, description: 'a-z, 0-9 and -; it stays.' }),
    name: t.string({ required: true }),
    foldsCase: t.boolean(),
    minimumNotice: t.field({ type: 'Duration' }),
    shortestLifetime: t.field({ type: 'Duration' }),
    longestLifetime: t.field({ type: 'Duration' }),
    ceilings: t.field({ type: [CeilingInputRef] }),
    freezes: t.field({ type: [FreezeInputRef] }),
    longestShift: t.field({ type: 'Duration' }),
    leakResponse: t.field({ type: LeakResponseEnum }),
    idempotencyKey: t.string(),
  }),
});

const UpdateRealmInputRef = builder.inputType('UpdateRealmInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    name: t.string(),
    foldsCase: t.boolean(),
    minimumNotice: t.field({ type: 'Duration' }),
    shortestLifetime: t.field({ type: 'Duration' }),
    longestLifetime: t.field({ type: 'Duration' }),
    ceilings: t.field({ type: [CeilingInputRef], description: 'All ceilings that it is to have.' }),
    freezes: t.field({ type: [FreezeInputRef], description: 'All freezes that it is to have.' }),
    longestShift: t.field({ type: 'Duration' }),
    leakResponse: t.field({ type: LeakResponseEnum }),
    idempotencyKey: t.string(),
  }),
});

const CreateRealmResult = resultType('CreateRealm', defineRealmSuccess('CreateRealm', 'The realm.'), [
  'RealmExists',
  'IdempotencyConflict',
]);

const UpdateRealmResult = resultType('UpdateRealm', defineRealmSuccess('UpdateRealm', 'The realm.'), [
  'RealmNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('createRealm', (t) =>
  t.field({
    type: CreateRealmResult,
    description: 'Makes a realm. For administrators.',
    args: { input: t.arg({ type: CreateRealmInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      createRealm(services, caller, {
        slug: input.slug,
        ...toRealmSettings(input),
        name: input.name,
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('updateRealm', (t) =>
  t.field({
    type: UpdateRealmResult,
    description:
      'Changes what is asked of keys from now on; keys that are there keep what they were given. For administrators.',
    args: { input: t.arg({ type: UpdateRealmInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      updateRealm(services, caller, {
        realm: input.realm,
        ...toRealmSettings(input),
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

function toRealmSettings(input: Partial<typeof UpdateRealmInputRef.$inferInput>): RealmSettings {
  return {
    name: input.name ?? null,
    foldsCase: input.foldsCase ?? null,
    minimumNoticeMs: input.minimumNotice ?? null,
    shortestLifetimeMs: input.shortestLifetime ?? null,
    longestLifetimeMs: input.longestLifetime ?? null,
    ceilings: input.ceilings ?? null,
    freezes: input.freezes ?? null,
    longestShiftMs: input.longestShift ?? null,
    leakResponse: input.leakResponse ?? null,
  };
}
