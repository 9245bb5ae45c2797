import { hash } from 'node:crypto';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';

/** A secret that another deployment has made, and the row that imports it. */
export interface ImportedSecret {
  readonly secret: string;
  readonly row: {
    readonly digest: string;
    readonly start: string;
    readonly name: string;
    readonly scopes: readonly { readonly action: string; readonly resource: string }[];
    readonly owner: string;
  };
}

/** Makes rows that import secrets of another deployment, each with its own name. */
export function makeImportRows(count: number, owner: string, more: object = {}): readonly ImportedSecret[] {
  return Array.from({ length: count }, (_, index) => {
    const secret = newSecret(systemRandom).reveal();
    const digest = hash('sha256', secret, 'hex');
    const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
    return { secret, row: { digest, start: secret.slice(0, 9), name: `imported ${index}`, scopes, owner, ...more } };
  });
}
