import { isFailure } from '../../domain/failure.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { exchangeToken } from '../../issuers/exchange.ts';
import type { KeyIssuance } from '../../keys/create-key.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineSecretSuccess } from '../key/key-success.ts';

const ExchangeTokenInputRef = builder.inputType('ExchangeTokenInput', {
  description: 'The token to exchange.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The job’s OpenID Connect token: a signed JWT of at most 8,000 characters.',
    }),
    publicKey: t.string(),
    idempotencyKey: t.string(),
  }),
});

const ExchangeTokenResult = resultType(
  'ExchangeToken',
  defineSecretSuccess<KeyIssuance>(
    'ExchangeToken',
    'A key that lives 15 minutes, and its secret. The key cannot be renewed.',
  ),
  ['TokenNotAccepted', 'PublicKeyInvalid', 'IdempotencyConflict'],
);

builder.mutationField('exchangeToken', (t) =>
  t.field({
    type: ExchangeTokenResult,
    description:
      'Exchanges the token of a CI job for a key that lives 15 minutes. Each token can be exchanged once. Needs no authentication; the token is the proof.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: ExchangeTokenInputRef, required: true }) },
    resolve: async (_root, { input: { token, publicKey, idempotencyKey } }, { services, address }) => {
      const request = {
        token: new Sensitive(token),
        publicKey: publicKey ?? null,
        ...checkIdempotencyKey(idempotencyKey),
      };
      const issued = await exchangeToken(services, request, address);
      const outcome = isFailure(issued) ? String(issued.details['problem'] ?? issued.code) : 'EXCHANGED';
      services.metrics.tokenExchanges.inc({ outcome });
      return issued;
    },
  }),
);
