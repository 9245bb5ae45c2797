import {
  scopes,
  unknownAccountId,
  unknownKeyId,
  reason,
  newKeyInput,
  rotatingKeyInput,
  revokedKeyInput,
  disabledAccountInput,
  issueInput,
  instantInDays,
  type Scene,
  type Stage,
} from './canary-stage.ts';
import { announceKey } from './announced-key.ts';

const importedRow = { digest: 'ab'.repeat(32), start: 'kt_000000', name: 'imported', scopes };

const newAnnouncedKey = async ({ world }: Stage) =>
  announceKey((...request) => world.mutate(...request), await world.organization());

/** A list of one key to issue. */
function listInput(key: object): { readonly realm: unknown; readonly keys: readonly object[] } {
  const { realm, ...input } = issueInput(key) as { readonly realm: unknown };
  return { realm, keys: [input] };
}

/** Every end of every mutation of keys but IdempotencyConflict, which is brought about for all of them alike. */
export const keyScenes: readonly Scene[] = [
  ['issueKey', 'IssueKeySuccess', () => ({ input: issueInput({ lifetime: 'P30D' }) })],
  ['issueKey', 'ExpiryOutOfBounds', () => ({ input: issueInput({ lifetime: 'PT1H' }) })],
  ['issueKey', 'OwnerNotFound', () => ({ input: issueInput({ owner: unknownAccountId }) })],
  [
    'issueKey',
    'OwnerNotActive',
    async (stage) => ({ input: issueInput({ owner: await disabledAccountInput(stage) }) }),
  ],
  ['issueKey', 'PublicKeyInvalid', () => ({ input: issueInput({ publicKey: '{}' }) })],
  ['issueKey', 'RealmNotFound', () => ({ input: issueInput({ realm: 'nowhere' }) })],
  ['issueKey', 'ScopeNotAllowed', () => ({ input: issueInput({ scopes: [{ action: 'image:pull', resource: '*' }] }) })],

  ['issueKeys', 'IssueKeysSuccess', () => ({ input: listInput({ lifetime: 'P30D' }) })],
  ['issueKeys', 'ExpiryOutOfBounds', () => ({ input: listInput({ lifetime: 'PT1H' }) })],
  ['issueKeys', 'OwnerNotFound', () => ({ input: listInput({ owner: unknownAccountId }) })],
  [
    'issueKeys',
    'OwnerNotActive',
    async (stage) => ({ input: listInput({ owner: await disabledAccountInput(stage) }) }),
  ],
  ['issueKeys', 'PublicKeyInvalid', () => ({ input: listInput({ publicKey: '{}' }) })],
  ['issueKeys', 'RealmNotFound', () => ({ input: { ...listInput({}), realm: 'nowhere' } })],
  ['issueKeys', 'ScopeNotAllowed', () => ({ input: listInput({ scopes: [{ action: 'image:pull', resource: '*' }] }) })],

  ['importKeys', 'ImportKeysSuccess', () => ({ input: { realm: 'default', keys: [{ ...importedRow, digest: 'x' }] } })],
  ['importKeys', 'RealmNotFound', () => ({ input: { realm: 'nowhere', keys: [importedRow] } })],

  ['adoptKey', 'AdoptKeySuccess', async (stage) => ({ input: await newAnnouncedKey(stage) })],
  ['adoptKey', 'RealmNotFound', async (stage) => ({ input: { ...(await newAnnouncedKey(stage)), realm: 'nowhere' } })],
  [
    'adoptKey',
    'KeyNotFound',
    async (stage) => ({ input: { ...(await newAnnouncedKey(stage)), key: { externalKeyId: 'nothing' } } }),
  ],
  [
    'adoptKey',
    'SecretNotAccepted',
    async (stage) => ({ input: { ...(await newAnnouncedKey(stage)), secret: 'no such form' } }),
  ],
  [
    'adoptKey',
    'AlreadyAdopted',
    async (stage) => {
      const input = await newAnnouncedKey(stage);
      await stage.world.mutate('adoptKey', input, 'key { id }');
      return { input: { ...input, secret: '0123456789'.repeat(4) } };
    },
  ],

  ['renewKey', 'RenewKeySuccess', async ({ world }) => ({ input: {}, credential: (await world.key()).secret })],
  ['renewKey', 'RenewKeySuccess', async (stage) => ({ input: { ...(await newKeyInput(stage)), accept: ['ROTATE'] } })],
  ['renewKey', 'ExpiryOutOfBounds', async (stage) => ({ input: { ...(await newKeyInput(stage)), lifetime: 'PT1H' } })],
  [
    'renewKey',
    'GracePeriodOutOfBounds',
    async (stage) => ({
      input: { ...(await newKeyInput(stage)), accept: ['ROTATE'], gracePeriod: 'P40D' },
    }),
  ],
  ['renewKey', 'KeyNotActive', async (stage) => ({ input: await revokedKeyInput(stage) })],
  ['renewKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId } })],
  [
    'renewKey',
    'PublicKeyInvalid',
    async (stage) => ({
      input: { ...(await newKeyInput(stage)), accept: ['ROTATE'], publicKey: '{"kty":"RSA"}' },
    }),
  ],
  [
    'renewKey',
    'RenewalNotAllowed',
    async ({ world }) => ({
      input: {},
      credential: (await world.rotatingKey()).oldSecret,
    }),
  ],
  [
    'renewKey',
    'RotationPending',
    async (stage) => ({ input: { ...(await rotatingKeyInput(stage)), accept: ['ROTATE'] } }),
  ],

  ['rotateKey', 'RotateKeySuccess', async ({ world }) => ({ input: {}, credential: (await world.key()).secret })],
  [
    'rotateKey',
    'GracePeriodOutOfBounds',
    async (stage) => ({ input: { ...(await newKeyInput(stage)), gracePeriod: 'P31D' } }),
  ],
  ['rotateKey', 'KeyNotActive', async (stage) => ({ input: await revokedKeyInput(stage) })],
  ['rotateKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId } })],
  [
    'rotateKey',
    'PublicKeyInvalid',
    async (stage) => ({ input: { ...(await newKeyInput(stage)), publicKey: 'no JSON' } }),
  ],
  ['rotateKey', 'RotationPending', async (stage) => ({ input: await rotatingKeyInput(stage) })],

  [
    'confirmRotation',
    'ConfirmRotationSuccess',
    async ({ world }) => ({
      input: {},
      credential: (await world.rotatingKey()).secret,
    }),
  ],
  ['confirmRotation', 'KeyNotActive', async (stage) => ({ input: await revokedKeyInput(stage) })],
  ['confirmRotation', 'RotationNotPending', async (stage) => ({ input: await newKeyInput(stage) })],
  ['confirmRotation', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId } })],
  [
    'undoRotation',
    'UndoRotationSuccess',
    async ({ world }) => ({
      input: {},
      credential: (await world.rotatingKey()).oldSecret,
    }),
  ],
  ['undoRotation', 'KeyNotActive', async (stage) => ({ input: await revokedKeyInput(stage) })],
  ['undoRotation', 'RotationNotPending', async (stage) => ({ input: await newKeyInput(stage) })],
  ['undoRotation', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId } })],

  ['updateKey', 'UpdateKeySuccess', async (stage) => ({ input: { ...(await newKeyInput(stage)), name: 'renamed' } })],
  [
    'updateKey',
    'ExpiryOutOfBounds',
    async (stage) => ({
      input: { ...(await newKeyInput(stage)), expiresAt: instantInDays(stage, 300) },
    }),
  ],
  ['updateKey', 'KeyNotActive', async (stage) => ({ input: { ...(await revokedKeyInput(stage)), name: 'renamed' } })],
  ['updateKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId, name: 'renamed' } })],
  ['updateKey', 'ScopeNotAllowed', async (stage) => ({ input: { ...(await newKeyInput(stage)), scopes } })],

  [
    'transferKey',
    'TransferKeySuccess',
    async (stage) => ({
      input: { ...(await newKeyInput(stage)), owner: await stage.world.organization(), reason },
    }),
  ],
  [
    'transferKey',
    'KeyNotActive',
    async (stage) => ({
      input: { ...(await revokedKeyInput(stage)), owner: await stage.world.organization() },
    }),
  ],
  ['transferKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId, owner: unknownAccountId } })],
  [
    'transferKey',
    'OwnerNotFound',
    async (stage) => ({ input: { ...(await newKeyInput(stage)), owner: unknownAccountId } }),
  ],
  [
    'transferKey',
    'OwnerNotActive',
    async (stage) => ({
      input: { ...(await newKeyInput(stage)), owner: await disabledAccountInput(stage) },
    }),
  ],
  [
    'transferKey',
    'ScopeNotAllowed',
    async ({ gateway, world }) => {
      const slug = world.name('realm');
      const ceilings = [
        { role: 'OWNER', scopes: [{ action: '*', resource: '**' }] },
        { role: 'MEMBER', scopes: [{ action: '*', resource: 'theirs/**' }] },
      ];
      await world.mutate('createRealm', { slug, name: slug, ceilings }, 'realm { id }');
      await world.mutate('defineAction', { realm: slug, name: 'a:b', description: 'c' }, 'realm { id }');
      const { id: accountId, token } = await gateway.person(world.name('person'));
      const organizationId = await world.organization();
      await world.mutate('setMember', { organizationId, accountId, role: 'MEMBER' }, 'organization { id }');
      const input = issueInput({ realm: slug, scopes: [{ action: 'a:b', resource: '**' }] });
      const issued = await world.mutate('issueKey', input, 'key { id } secret', token);
      return { input: { keyId: issued.key.id, owner: organizationId }, credential: token };
    },
  ],

  ['holdKey', 'HoldKeySuccess', async (stage) => ({ input: { ...(await newKeyInput(stage)), reason } })],
  ['holdKey', 'KeyNotActive', async (stage) => ({ input: { ...(await revokedKeyInput(stage)), reason } })],
  ['holdKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId, reason } })],
  [
    'resumeKey',
    'ResumeKeySuccess',
    async (stage) => {
      const held = await newKeyInput(stage);
      await stage.world.mutate('holdKey', { ...held, reason }, 'key { id }');
      return { input: held };
    },
  ],
  [
    'resumeKey',
    'HoldNotYours',
    async (stage) => {
      const { token } = await stage.gateway.person(stage.world.name('person'));
      const issued = await stage.world.mutate('issueKey', issueInput(), 'key { id } secret', token);
      await stage.world.mutate('holdKey', { keyId: issued.key.id, reason }, 'key { id }');
      return { input: { keyId: issued.key.id }, credential: token };
    },
  ],
  ['resumeKey', 'KeyNotActive', async (stage) => ({ input: await revokedKeyInput(stage) })],
  ['resumeKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId } })],
  ['resumeKey', 'KeyNotHeld', async (stage) => ({ input: await newKeyInput(stage) })],
  ['revokeKey', 'RevokeKeySuccess', async (stage) => ({ input: { ...(await newKeyInput(stage)), reason } })],
  [
    'revokeKey',
    'RevokeKeySuccess',
    async ({ world }) => ({
      input: { secret: (await world.key()).secret, reason },
      credential: null,
    }),
  ],
  [
    'revokeKey',
    'KeyNotActive',
    async ({ world }) => {
      const { id, oldSecret } = await world.rotatingKey();
      await world.mutate('confirmRotation', { keyId: id }, 'key { id }');
      return { input: { secret: oldSecret, reason }, credential: null };
    },
  ],
  ['revokeKey', 'KeyNotFound', () => ({ input: { keyId: unknownKeyId, reason } })],
];
