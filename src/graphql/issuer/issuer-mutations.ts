import type { Json } from '../../domain/event.ts';
import { distrustIssuer } from '../../issuers/distrust.ts';
import { trustIssuer, type IssuerChanged } from '../../issuers/trust.ts';
import { updateIssuer } from '../../issuers/update-issuer.ts';
import { builder } from '../builder.ts';
import { TokenPresetEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { TrustedIssuerRef } from './issuer.ts';

const keySetDescription = 'A JWK set of public keys, for an issuer that nobody outside can reach.';

const TrustIssuerInputRef = builder.inputType('TrustIssuerInput', {
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    url: t.string({ description: 'As its tokens have it in `iss`. Left out: the preset’s, where there is only one.' }),
    preset: t.field({ type: TokenPresetEnum, description: 'Left out: nothing is known of it beforehand.' }),
    name: t.string({ description: 'For people. Left out: the preset’s, or the URL’s host.' }),
    audience: t.string({ description: 'Left out: the gateway’s URL, a slash and the realm’s slug.' }),
    keySet: t.field({ type: 'JSON', description: `${keySetDescription} Left out: its keys are found by discovery.` }),
    idempotencyKey: t.string(),
  }),
});

const UpdateIssuerInputRef = builder.inputType('UpdateIssuerInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    issuerId: t.id({ required: true }),
    name: t.string(),
    audience: t.string(),
    keySet: t.field({ type: 'JSON', description: keySetDescription }),
    idempotencyKey: t.string(),
  }),
});

const DistrustIssuerInputRef = builder.inputType('DistrustIssuerInput', {
  fields: (t) => ({ issuerId: t.id({ required: true }), reason: t.string(), idempotencyKey: t.string() }),
});

function defineIssuerSuccess(mutation: string) {
  const ref = builder.objectRef<IssuerChanged>(`${mutation}Success`).implement({
    description: 'The issuer, as it is now.',
  });
  builder.objectField(ref, 'issuer', (t) =>
    t.prismaField({
      type: TrustedIssuerRef,
      resolve: (query, { issuerId }, _args, { services }) =>
        services.prisma.trustedIssuer.findUniqueOrThrow({ ...query, where: { id: issuerId } }),
    }),
  );
  return ref;
}

const TrustIssuerResult = resultType('TrustIssuer', defineIssuerSuccess('TrustIssuer'), [
  'RealmNotFound',
  'IssuerExists',
  'IssuerUrlNotAllowed',
  'TooManyIssuers',
  'IdempotencyConflict',
]);

const UpdateIssuerResult = resultType('UpdateIssuer', defineIssuerSuccess('UpdateIssuer'), [
  'IssuerNotFound',
  'IssuerExists',
  'IdempotencyConflict',
]);

const DistrustIssuerResult = resultType('DistrustIssuer', defineIssuerSuccess('DistrustIssuer'), [
  'IssuerNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('trustIssuer', (t) =>
  t.field({
    type: TrustIssuerResult,
    description: 'Has tokens of an issuer taken for a realm, as its rules will say. For administrators.',
    args: { input: t.arg({ type: TrustIssuerInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      trustIssuer(services, caller, {
        realm: input.realm,
        url: input.url ?? null,
        preset: input.preset ?? null,
        name: input.name ?? null,
        audience: input.audience ?? null,
        keySet: (input.keySet ?? null) as Json | null,
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('updateIssuer', (t) =>
  t.field({
    type: UpdateIssuerResult,
    description: 'Changes what is known of an issuer, from the next token on. For administrators.',
    args: { input: t.arg({ type: UpdateIssuerInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      updateIssuer(services, caller, {
        issuerId: input.issuerId,
        name: input.name ?? null,
        audience: input.audience ?? null,
        keySet: (input.keySet ?? null) as Json | null,
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('distrustIssuer', (t) =>
  t.field({
    type: DistrustIssuerResult,
    description: 'Takes no more tokens of an issuer. Keys that were exchanged end by themselves. For administrators.',
    args: { input: t.arg({ type: DistrustIssuerInputRef, required: true }) },
    resolve: (_root, { input: { issuerId, reason, idempotencyKey } }, { services, caller }) =>
      distrustIssuer(services, caller, { issuerId, reason: reason ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
