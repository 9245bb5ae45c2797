import { isFailure } from '../../domain/failure.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { exchangeToken } from '../../issuers/exchange.ts';
import type { KeyIssuance } from '../../keys/create-key.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineSecretSuccess } from '../key/key-success.ts';

const ExchangeTokenInputRef = builder.inputType('ExchangeTokenInput', {
  fields: (t) => ({
    token: t.string({ required: true, description: 'The token of a job: a JWT.' }),
    publicKey: t.string({
      description: 'A public JWK (OKP X25519 or EC P-256): the secret comes as a JWE only its holder opens.',
    }),
    idempotencyKey: t.string(),
  }),
});

const ExchangeTokenResult = resultType(
  'ExchangeToken',
  defineSecretSuccess<KeyIssuance>('ExchangeToken', 'A key that lives 15 minutes, and its secret.'),
  ['TokenNotAccepted', 'PublicKeyInvalid', 'IdempotencyConflict'],
);

builder.mutationField('exchangeToken', (t) =>
  t.field({
    type: ExchangeTokenResult,
    description: 'Exchanges the token of a job for a key that lives 15 minutes, once. For whoever has the token.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: ExchangeTokenInputRef, required: true }) },
    resolve: async (_root, { input: { token, publicKey, idempotencyKey } }, { services, address }) => {
      const asked = {
        token: new Sensitive(token),
        publicKey: publicKey ?? null,
        ...checkIdempotencyKey(idempotencyKey),
      };
      const issued = await exchangeToken(services, asked, address);
      const outcome = isFailure(issued) ? String(issued.details['problem'] ?? issued.code) : 'EXCHANGED';
      services.metrics.tokenExchanges.inc({ outcome });
      return issued;
    },
  }),
);
