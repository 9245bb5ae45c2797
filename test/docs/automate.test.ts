import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('guide to events: its example follows the log over WebSocket', async () => {
  const [code, ...others] = codeBlocks(readGuide('follow-events'), 'js');
  expect(others).toEqual([]);
  const gateway = await openGateway();
  const token = await gateway.admin();
  const { id } = await issue(gateway, token);
  await gateway.ask(
    'mutation ($id: ID!) { revokeKey(input: { keyId: $id, reason: "over" }) { __typename } }',
    { id },
    token,
  );
  const child = spawn(process.execPath, ['--input-type=module'], {
    cwd: root,
    env: {
      KEYTIDE_URL: `${gateway.url.replace('http', 'ws')}/graphql`,
      KEYTIDE_SECRET: token,
      AFTER: Buffer.from('1:0').toString('base64url'),
    },
  });
  onTestFinished(() => void child.kill());
  child.stdin.end(code);
  child.stderr.on('data', (chunk: Buffer) => expect.soft(String(chunk)).toBe(''));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(JSON.parse(line)).toMatchObject({ type: 'KEY_REVOKED' });
});
