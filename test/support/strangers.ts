import type { IssuedKey, Town } from './town.ts';
import { PUSH } from './town.ts';

/** What nobody but Olga, Acme and administrators may ever read. */
export const CANARY = 'for Olga and Acme alone';

/** What a stranger has of its own. */
export interface Own {
  readonly keyId: string;
}

export interface Stranger {
  readonly name: string;
  readonly credential: string | null;
  readonly own: Own;
  /** Whether it may see the realm `default`. */
  readonly isOfRealm: boolean;
}

/** Everyone who has nothing to do with Olga's and Acme's keys in `default`. */
export async function strangersOf(town: Town): Promise<Stranger[]> {
  const reserved = ['keytide:read', 'keytide:issue'].map((action) => ({ action, resource: '**' }));
  const all = [PUSH, ...reserved];
  const eves = await town.issue(town.eve.token, { scopes: all });
  const globexs = await town.issue(town.gus.token, { owner: town.globex, scopes: all });
  const verifies = { action: 'keytide:verify', resource: '**' };
  const verifier = await town.issue(town.admin.token, { owner: town.globex, scopes: [verifies] });
  const elsewhere = await town.issue(town.olga.token, { realm: 'other', scopes: all });
  const stranger = (name: string, credential: string | null, key: IssuedKey, isOfRealm = true): Stranger => ({
    name,
    credential,
    own: { keyId: key.id },
    isOfRealm,
  });
  return [
    stranger('nobody', null, eves, false),
    stranger('another account', town.eve.token, eves),
    stranger('the OWNER of another organization', town.gus.token, globexs),
    stranger('a key of another account', eves.secret, eves),
    stranger('a key of another organization', globexs.secret, globexs),
    stranger('a verifier', verifier.secret, verifier),
    stranger('a key of Olga’s in another realm', elsewhere.secret, elsewhere, false),
  ];
}
