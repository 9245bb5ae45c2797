import type { Json } from '../../domain/event.ts';
import { distrustIssuer } from '../../issuers/distrust.ts';
import { trustIssuer, type IssuerChanged } from '../../issuers/trust.ts';
import { updateIssuer } from '../../issuers/update-issuer.ts';
import { TokenPresetEnum } from '../enums.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { TrustedIssuerRef } from './issuer.ts';

const keySetDescription =
  'A JWK set of public keys, as an object or as JSON text, for an issuer that the gateway cannot reach: at most 50,000 characters.';

mutation('trustIssuer', {
  description:
    'Makes a realm trust an issuer of tokens. Tokens are exchanged once the issuer has rules. Administrators only.',
  input: {
    description: 'The issuer to trust.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The slug of the realm that is to trust the issuer.' }),
      url: t.string({
        description:
          'The issuer’s URL, exactly as in the `iss` of its tokens: at most 500 characters. Default: the preset’s URL, if it has exactly one.',
      }),
      preset: t.field({
        type: TokenPresetEnum,
        description:
          'The CI provider, whose id claims and refused contexts Keytide knows. Default: the issuer is none of the known providers.',
      }),
      name: t.string({
        description:
          'The issuer’s name, for people: 1 to 100 characters. Default: the provider’s name, or the URL’s host.',
      }),
      audience: t.string({
        description:
          'The `aud` that tokens of the issuer must have: 1 to 500 characters. Default: the gateway’s URL, a slash and the realm’s slug.',
      }),
      keySet: t.field({
        type: 'JSON',
        description: `${keySetDescription} Default: the keys are fetched by OpenID Connect Discovery.`,
      }),
    }),
  },
  useCase: trustIssuer,
  toInput: (input) => ({
    realm: input.realm,
    url: input.url ?? null,
    preset: input.preset ?? null,
    name: input.name ?? null,
    audience: input.audience ?? null,
    keySet: (input.keySet ?? null) as Json | null,
  }),
  failures: ['RealmNotFound', 'IssuerExists', 'IssuerUrlNotAllowed', 'TooManyIssuers'],
  success: { description: 'The realm trusts the issuer. Add rules to exchange its tokens.', fields: issuerFields },
});

mutation('updateIssuer', {
  description: 'Changes an issuer’s name, audience or keys, from the next token on. Administrators only.',
  input: {
    description: 'The changes of an issuer. What is left out stays unchanged.',
    fields: (t) => ({
      issuerId: t.id({ required: true, description: 'The issuer to change.' }),
      name: t.string({ description: 'The issuer’s name, for people: 1 to 100 characters.' }),
      audience: t.string({ description: 'The `aud` that tokens of the issuer must have: 1 to 500 characters.' }),
      keySet: t.field({ type: 'JSON', description: `${keySetDescription} Replaces the imported keys, or discovery.` }),
    }),
  },
  useCase: updateIssuer,
  toInput: (input) => ({
    issuerId: input.issuerId,
    name: input.name ?? null,
    audience: input.audience ?? null,
    keySet: (input.keySet ?? null) as Json | null,
  }),
  failures: ['IssuerNotFound', 'IssuerExists'],
  success: { description: 'The issuer was updated.', fields: issuerFields },
});

mutation('distrustIssuer', {
  description:
    'Stops trusting an issuer: its tokens are no longer exchanged. Keys that were already issued live to the end of their 15 minutes. Administrators only.',
  input: {
    description: 'Which issuer to stop trusting.',
    fields: (t) => ({
      issuerId: t.id({ required: true, description: 'The issuer to stop trusting.' }),
      reason: t.string(),
    }),
  },
  useCase: distrustIssuer,
  toInput: ({ issuerId, reason }) => ({ issuerId, reason: reason ?? null }),
  failures: ['IssuerNotFound'],
  success: { description: 'The realm no longer trusts the issuer.', fields: issuerFields },
});

/** Builds the fields of a mutation that changes an issuer: the issuer after the change. */
function issuerFields(t: SuccessFields<IssuerChanged>) {
  return {
    issuer: t.prismaField({
      type: TrustedIssuerRef,
      description: 'The issuer after the change.',
      resolve: (query, { issuerId }, _args, { services }) =>
        services.prisma.trustedIssuer.findUniqueOrThrow({ ...query, where: { id: issuerId } }),
    }),
  };
}
