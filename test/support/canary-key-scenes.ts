import {
  scopes,
  nobody,
  nothing,
  reason,
  key,
  rotating,
  revoked,
  closedAccount,
  issue,
  inDays,
  type Scene,
} from './canary-stage.ts';

/** Every end of every mutation of keys but IdempotencyConflict, which is brought about for all of them alike. */
export const keyScenes: readonly Scene[] = [
  ['issueKey', 'IssueKeySuccess', () => ({ input: issue({ lifetime: 'P30D' }) })],
  ['issueKey', 'ExpiryOutOfBounds', () => ({ input: issue({ lifetime: 'PT1H' }) })],
  ['issueKey', 'OwnerNotFound', () => ({ input: issue({ owner: nobody }) })],
  ['issueKey', 'OwnerNotActive', async (stage) => ({ input: issue({ owner: await closedAccount(stage) }) })],
  ['issueKey', 'PublicKeyInvalid', () => ({ input: issue({ publicKey: '{}' }) })],
  ['issueKey', 'RealmNotFound', () => ({ input: issue({ realm: 'nowhere' }) })],
  ['issueKey', 'ScopeNotAllowed', () => ({ input: issue({ scopes: [{ action: 'image:pull', resource: '*' }] }) })],

  ['renewKey', 'RenewKeySuccess', async ({ world }) => ({ input: {}, credential: (await world.key()).secret })],
  ['renewKey', 'RenewKeySuccess', async (stage) => ({ input: { ...(await key(stage)), accept: ['ROTATE'] } })],
  ['renewKey', 'ExpiryOutOfBounds', async (stage) => ({ input: { ...(await key(stage)), lifetime: 'PT1H' } })],
  [
    'renewKey',
    'GracePeriodOutOfBounds',
    async (stage) => ({
      input: { ...(await key(stage)), accept: ['ROTATE'], gracePeriod: 'P40D' },
    }),
  ],
  ['renewKey', 'KeyNotActive', async (stage) => ({ input: await revoked(stage) })],
  ['renewKey', 'KeyNotFound', () => ({ input: { keyId: nothing } })],
  [
    'renewKey',
    'PublicKeyInvalid',
    async (stage) => ({
      input: { ...(await key(stage)), accept: ['ROTATE'], publicKey: '{"kty":"RSA"}' },
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
  ['renewKey', 'RotationPending', async (stage) => ({ input: { ...(await rotating(stage)), accept: ['ROTATE'] } })],

  ['rotateKey', 'RotateKeySuccess', async ({ world }) => ({ input: {}, credential: (await world.key()).secret })],
  ['rotateKey', 'GracePeriodOutOfBounds', async (stage) => ({ input: { ...(await key(stage)), gracePeriod: 'P31D' } })],
  ['rotateKey', 'KeyNotActive', async (stage) => ({ input: await revoked(stage) })],
  ['rotateKey', 'KeyNotFound', () => ({ input: { keyId: nothing } })],
  ['rotateKey', 'PublicKeyInvalid', async (stage) => ({ input: { ...(await key(stage)), publicKey: 'no JSON' } })],
  ['rotateKey', 'RotationPending', async (stage) => ({ input: await rotating(stage) })],

  [
    'confirmRotation',
    'ConfirmRotationSuccess',
    async ({ world }) => ({
      input: {},
      credential: (await world.rotatingKey()).secret,
    }),
  ],
  ['confirmRotation', 'KeyNotActive', async (stage) => ({ input: await revoked(stage) })],
  ['confirmRotation', 'RotationNotPending', async (stage) => ({ input: await key(stage) })],
  ['confirmRotation', 'KeyNotFound', () => ({ input: { keyId: nothing } })],
  [
    'undoRotation',
    'UndoRotationSuccess',
    async ({ world }) => ({
      input: {},
      credential: (await world.rotatingKey()).oldSecret,
    }),
  ],
  ['undoRotation', 'KeyNotActive', async (stage) => ({ input: await revoked(stage) })],
  ['undoRotation', 'RotationNotPending', async (stage) => ({ input: await key(stage) })],
  ['undoRotation', 'KeyNotFound', () => ({ input: { keyId: nothing } })],

  ['updateKey', 'UpdateKeySuccess', async (stage) => ({ input: { ...(await key(stage)), name: 'renamed' } })],
  [
    'updateKey',
    'ExpiryOutOfBounds',
    async (stage) => ({
      input: { ...(await key(stage)), expiresAt: inDays(stage, 300) },
    }),
  ],
  ['updateKey', 'KeyNotActive', async (stage) => ({ input: { ...(await revoked(stage)), name: 'renamed' } })],
  ['updateKey', 'KeyNotFound', () => ({ input: { keyId: nothing, name: 'renamed' } })],
  ['updateKey', 'ScopeNotAllowed', async (stage) => ({ input: { ...(await key(stage)), scopes } })],

  [
    'transferKey',
    'TransferKeySuccess',
    async (stage) => ({
      input: { ...(await key(stage)), owner: await stage.world.organization(), reason },
    }),
  ],
  [
    'transferKey',
    'KeyNotActive',
    async (stage) => ({
      input: { ...(await revoked(stage)), owner: await stage.world.organization() },
    }),
  ],
  ['transferKey', 'KeyNotFound', () => ({ input: { keyId: nothing, owner: nobody } })],
  ['transferKey', 'OwnerNotFound', async (stage) => ({ input: { ...(await key(stage)), owner: nobody } })],
  [
    'transferKey',
    'OwnerNotActive',
    async (stage) => ({
      input: { ...(await key(stage)), owner: await closedAccount(stage) },
    }),
  ],
  [
    'transferKey',
    'ScopeNotAllowed',
    async ({ gateway, world }) => {
      const slug = world.name('realm');
      const ceilings = [{ role: 'MEMBER', scopes: [{ action: '*', resource: 'theirs/**' }] }];
      await world.does('createRealm', { slug, name: slug, ceilings }, 'realm { id }');
      await world.does('defineAction', { realm: slug, name: 'a:b', description: 'c' }, 'realm { id }');
      const { id: accountId, token } = await gateway.person(world.name('person'));
      const organizationId = await world.organization();
      await world.does('setMember', { organizationId, accountId, role: 'MEMBER' }, 'organization { id }');
      const asked = issue({ realm: slug, scopes: [{ action: 'a:b', resource: '**' }] });
      const issued = await world.does('issueKey', asked, 'key { id } secret', token);
      return { input: { keyId: issued.key.id, owner: organizationId }, credential: token };
    },
  ],

  ['holdKey', 'HoldKeySuccess', async (stage) => ({ input: { ...(await key(stage)), reason } })],
  ['holdKey', 'KeyNotActive', async (stage) => ({ input: { ...(await revoked(stage)), reason } })],
  ['holdKey', 'KeyNotFound', () => ({ input: { keyId: nothing, reason } })],
  [
    'resumeKey',
    'ResumeKeySuccess',
    async (stage) => {
      const held = await key(stage);
      await stage.world.does('holdKey', { ...held, reason }, 'key { id }');
      return { input: held };
    },
  ],
  [
    'resumeKey',
    'HoldNotYours',
    async (stage) => {
      const { token } = await stage.gateway.person(stage.world.name('person'));
      const issued = await stage.world.does('issueKey', issue(), 'key { id } secret', token);
      await stage.world.does('holdKey', { keyId: issued.key.id, reason }, 'key { id }');
      return { input: { keyId: issued.key.id }, credential: token };
    },
  ],
  ['resumeKey', 'KeyNotActive', async (stage) => ({ input: await revoked(stage) })],
  ['resumeKey', 'KeyNotFound', () => ({ input: { keyId: nothing } })],
  ['resumeKey', 'KeyNotHeld', async (stage) => ({ input: await key(stage) })],
  ['revokeKey', 'RevokeKeySuccess', async (stage) => ({ input: { ...(await key(stage)), reason } })],
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
      await world.does('confirmRotation', { keyId: id }, 'key { id }');
      return { input: { secret: oldSecret, reason }, credential: null };
    },
  ],
  ['revokeKey', 'KeyNotFound', () => ({ input: { keyId: nothing, reason } })],
];
