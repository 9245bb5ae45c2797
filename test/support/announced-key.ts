import { randomBytes } from 'node:crypto';

const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
const bcrypt = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';

/** A mutation that succeeds, with its success selected. */
type Mutate = (mutation: string, input: object, selection: string) => Promise<unknown>;

/** Lets the default realm accept foreign secrets, announces a key of an organization and returns an input that adopts it. */
export async function announceKey(mutate: Mutate, owner: string) {
  const realm = 'default';
  const externalKeyId = `external ${randomBytes(8).toString('hex')}`;
  await mutate('updateRealm', { realm, foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits: 160 } }, 'realm { id }');
  const keys = [{ digest: bcrypt, externalKeyId, name: 'announced', scopes, owner }];
  await mutate('importKeys', { realm, keys }, 'rows { index }');
  return { realm, secret: randomBytes(20).toString('hex'), key: { externalKeyId } };
}
