import type { Json } from '../../domain/event.ts';
import { distrustIssuer } from '../../issuers/distrust.ts';
import { trustIssuer, type IssuerChanged } from '../../issuers/trust.ts';
import { updateIssuer } from '../../issuers/update-issuer.ts';
import { builder } from '../builder.ts';
import { TokenPresetEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { TrustedIssuerRef } from './issuer.ts';

const keySetDescription =
  'A JWK set of public keys, as an object or as JSON text, for an issuer that the gateway cannot reach: at most 50,000 characters.';

const TrustIssuerInputRef = builder.inputType('TrustIssuerInput', {
  description: 'The issuer to trust.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The slug of the realm that is to trust the issuer.' }),
    url: t.string({
      description:
        'The issuer’s URL, exactly as in the `iss` of its tokens: at most 500 characters. Default: the preset’s URL, if it has exactly one.',
    }),
    preset: t.field({
      type: TokenPresetEnum,
      description: 'The CI provider, whose id claims and refused contexts Keytide knows. Default: none.',
    }),
    name: t.string({
      description:
        'The issuer’s name, for people: 1 to 100 characters. Default: the provider’s name, or the URL’s host.',
    }),
    audience: t.string({
      description:
        'The `aud` that its tokens must have: 1 to 500 characters. Default: the gateway’s URL, a slash and the realm’s slug.',
    }),
    keySet: t.field({
      type: 'JSON',
      description: `${keySetDescription} Default: the keys are fetched by OpenID Connect Discovery.`,
    }),
    idempotencyKey: t.string(),
  }),
});

const UpdateIssuerInputRef = builder.inputType('UpdateIssuerInput', {
  description: 'The changes of an issuer. What is left out stays unchanged.',
  fields: (t) => ({
    issuerId: t.id({ required: true, description: 'The issuer to change.' }),
    name: t.string({ description: 'The issuer’s name, for people: 1 to 100 characters.' }),
    audience: t.string({ description: 'The `aud` that its tokens must have: 1 to 500 characters.' }),
    keySet: t.field({ type: 'JSON', description: `${keySetDescription} Replaces the imported keys, or discovery.` }),
    idempotencyKey: t.string(),
  }),
});

const DistrustIssuerInputRef = builder.inputType('DistrustIssuerInput', {
  description: 'Which issuer to stop trusting.',
  fields: (t) => ({
    issuerId: t.id({ required: true, description: 'The issuer to stop trusting.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

function defineIssuerSuccess(mutation: string, description: string) {
  const ref = builder.objectRef<IssuerChanged>(`${mutation}Success`).implement({
    description,
  });
  builder.objectField(ref, 'issuer', (t) =>
    t.prismaField({
      type: TrustedIssuerRef,
      description: 'The issuer after the change.',
      resolve: (query, { issuerId }, _args, { services }) =>
        services.prisma.trustedIssuer.findUniqueOrThrow({ ...query, where: { id: issuerId } }),
    }),
  );
  return ref;
}

const TrustIssuerResult = resultType(
  'TrustIssuer',
  defineIssuerSuccess('TrustIssuer', 'The realm trusts the issuer. Add rules to exchange its tokens.'),
  ['RealmNotFound', 'IssuerExists', 'IssuerUrlNotAllowed', 'TooManyIssuers', 'IdempotencyConflict'],
);

const UpdateIssuerResult = resultType('UpdateIssuer', defineIssuerSuccess('UpdateIssuer', 'The issuer was updated.'), [
  'IssuerNotFound',
  'IssuerExists',
  'IdempotencyConflict',
]);

const DistrustIssuerResult = resultType(
  'DistrustIssuer',
  defineIssuerSuccess('DistrustIssuer', 'The realm no longer trusts the issuer.'),
  ['IssuerNotFound', 'IdempotencyConflict'],
);

builder.mutationField('trustIssuer', (t) =>
  t.field({
    type: TrustIssuerResult,
    description:
      'Makes a realm trust an issuer of tokens. Its tokens are exchanged once it has rules. Administrators only.',
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
    description: 'Changes an issuer’s name, audience or keys, from the next token on. Administrators only.',
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
    description:
      'Stops trusting an issuer: its tokens are no longer exchanged. Keys that were already issued live to the end of their 15 minutes. Administrators only.',
    args: { input: t.arg({ type: DistrustIssuerInputRef, required: true }) },
    resolve: (_root, { input: { issuerId, reason, idempotencyKey } }, { services, caller }) =>
      distrustIssuer(services, caller, { issuerId, reason: reason ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
