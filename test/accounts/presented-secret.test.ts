import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import { readPrivateLine } from '../../src/cli/private-file.ts';
import { readProviderToken } from '../../src/cli/deployers/provider-token.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, READ } from '../support/issue.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const VIEWER = '{ viewer { __typename } }';

test.for(['\n', '\r\n', ' ', '\t', '\u00a0', '\ufeff'])(
  'presented secret: %j around it is ignored in a variable, a header, a socket, a file and by the client',
  async (space) => {
    const gateway = await openGateway();
    const admin = await gateway.admin();
    const { id, secret } = await issue(gateway, admin, { scopes: [READ] });
    const spaced = `${space}${secret}${space}`;
    const { data } = await gateway.ask(VERIFY_KEY, { input: { secret: spaced } }, admin);
    expect(data['verifyKey'].outcome).toBe('VALID');
    const inner = `${secret.slice(0, 20)}${space}${secret.slice(20)}`;
    const broken = await gateway.ask(VERIFY_KEY, { input: { secret: inner } }, admin);
    expect(broken.data['verifyKey'].outcome).toBe('KEY_UNKNOWN');
    // A header cannot have line ends or characters beyond Latin-1.
    if (/^[ \t\u00a0]$/.test(space)) {
      expect((await gateway.ask(VIEWER, {}, `${secret}${space}`)).data).toEqual({ viewer: { __typename: 'Key' } });
    }
    await openRawSocket(gateway, `${secret}${space}`);
    const key = await openClient({ url: gateway.url, credential: () => spaced }).ownKey();
    expect(key.id).toBe(id);
    const file = join(scratchFolder(), 'secret');
    writeFileSync(file, spaced, { mode: 0o600 });
    chmodSync(file, 0o600);
    expect((await readPrivateLine(file)).reveal()).toBe(secret);
    expect((await readProviderToken({ tokenVariable: 'T' }, { T: spaced })).reveal()).toBe(secret);
    const REVOKE = 'mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }';
    const revoked = await gateway.ask(REVOKE, { input: { secret: spaced, reason: 'leaked' } });
    expect(revoked.data['revokeKey'].__typename).toBe('RevokeKeySuccess');
  },
);
