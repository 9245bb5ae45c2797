import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { WebhookSecret } from '../../prisma/generated/client/client.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';
import type { Core } from '../store/core.ts';

/** In bytes: between 24 and 64, and the output size of HMAC-SHA-256 (Standard Webhooks 1.0.0, "Signature scheme"). */
const SECRET_SIZE = 32;

/** In bytes (RFC 8032 section 5.1.5). */
const SEED_SIZE = 32;

/** The DER prefix that makes a seed of 32 bytes an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An unsealed pair of signing secrets: for HMAC and for Ed25519. */
export interface SigningSecret {
  readonly secret: Sensitive<Buffer>;
  readonly privateKey: KeyObject;
}

/** Creates the secrets of one generation. Returns the text that is shown once for the receiver: `whsec_…`. */
export async function createWebhookSecret(
  { tx, core }: Change,
  webhookId: string,
  generation: number,
  createdAt: Date,
): Promise<Sensitive<string>> {
  const secret = Buffer.from(core.random(SECRET_SIZE)).toString('base64');
  const seed = Buffer.from(core.random(SEED_SIZE));
  const { x = '' } = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
  await tx.webhookSecret.create({
    data: {
      webhookId,
      generation,
      createdAt,
      sealedSecret: core.sealer.seal(secret, contextOf('secret', { webhookId, generation })),
      sealedPrivateKey: core.sealer.seal(seed.toString('base64'), contextOf('private-key', { webhookId, generation })),
      publicKey: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
    },
  });
  return new Sensitive(`whsec_${secret}`);
}

/** Unseals the secrets of a row. Throws a SealError if the sealing key has changed. */
export function openWebhookSecret({ sealer }: Pick<Core, 'sealer'>, row: WebhookSecret): SigningSecret {
  const secret = Buffer.from(sealer.open(row.sealedSecret, contextOf('secret', row)), 'base64');
  const seed = Buffer.from(sealer.open(row.sealedPrivateKey, contextOf('private-key', row)), 'base64');
  return { secret: new Sensitive(secret), privateKey: privateKeyOf(seed) };
}

function contextOf(what: string, { webhookId, generation }: Pick<WebhookSecret, 'webhookId' | 'generation'>): string {
  return `webhook-${what}:${webhookId}:${generation}`;
}

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}
