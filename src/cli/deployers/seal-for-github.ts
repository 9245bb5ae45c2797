import { CommandError, exitStatus } from '../exit-status.ts';
import type { Sensitive } from '../../domain/sensitive.ts';

/**
 * A secret as GitHub takes it: a sealed box of libsodium to its public key, in base64 (docs.github.com, "Encrypting secrets for the
 * REST API"). Nobody but GitHub opens it, we neither.
 */
export async function sealForGithub(publicKey: string, secret: Sensitive<string>): Promise<string> {
  // Loaded where it is needed alone: it compiles WebAssembly.
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  try {
    const key = sodium.from_base64(publicKey, sodium.base64_variants.ORIGINAL);
    const box = sodium.crypto_box_seal(sodium.from_string(secret.reveal()), key);
    return sodium.to_base64(box, sodium.base64_variants.ORIGINAL);
  } catch (error) {
    throw new CommandError(exitStatus.PROTOCOL, 'GitHub’s public key is none that a secret can be sealed to.', error);
  }
}
