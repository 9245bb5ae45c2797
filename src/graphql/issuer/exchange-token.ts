import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { exchangeToken, type ExchangeTokenInput } from '../../issuers/exchange.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import type { Services } from '../context.ts';
import { secretFields } from '../key/key-success.ts';
import { mutation } from '../mutation.ts';

mutation('exchangeToken', {
  description:
    'Exchanges the token of a CI job for a key that lives 15 minutes. Each token can be exchanged once. Needs no authentication; the token is the proof.',
  isPublic: true,
  input: {
    description: 'The token to exchange.',
    fields: (t) => ({
      token: t.string({
        required: true,
        description: 'The job’s OpenID Connect token: a signed JWT of at most 8,000 characters.',
      }),
      publicKey: t.string(),
    }),
  },
  useCase: exchangeAndCount,
  toInput: ({ token, publicKey }) => ({ token: new Sensitive(token), publicKey: publicKey ?? null }),
  failures: ['TokenNotAccepted', 'PublicKeyInvalid'],
  success: {
    description: 'A key that lives 15 minutes, and its secret. The key cannot be renewed.',
    fields: secretFields,
  },
});

/** Exchanges a token and counts the outcome in the metrics. */
async function exchangeAndCount(
  services: Services,
  _caller: Caller,
  input: ExchangeTokenInput & IdempotentInput,
  address: string,
) {
  const issued = await exchangeToken(services, input, address);
  const outcome = isFailure(issued) ? String(issued.details['problem'] ?? issued.code) : 'EXCHANGED';
  services.metrics.tokenExchanges.inc({ outcome });
  return issued;
}
