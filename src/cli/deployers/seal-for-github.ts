import { CommandError, exitStatus } from '../exit-status.ts';
import type { Sensitive } from '../../domain/sensitive.ts';

/**
 * Seals a secret for GitHub: a libsodium sealed box to GitHub's public key, in base64 (docs.github.com, "Encrypting
 * secrets for the REST API"). Only GitHub can open it.
 */
export async function sealForGithub(publicKey: string, secret: Sensitive<string>): Promise<string> {
  // Imported here, because it compiles WebAssembly.
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  try {
    const key = sodium.from_base64(publicKey, sodium.base64_variants.ORIGINAL);
    const box = sodium.crypto_box_seal(sodium.from_string(secret.reveal()), key);
    return sodium.to_base64(box, sodium.base64_variants.ORIGINAL);
  } catch (error) {
    throw new CommandError(exitStatus.PROTOCOL, 'GitHub returned an invalid public key.', error);
  }
}
