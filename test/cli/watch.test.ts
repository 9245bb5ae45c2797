import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { openLoggedInWorld, type CommandWorld } from '../support/command-world.ts';
import { issue as issueKey } from '../support/issue.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const issueForPia = async ({ gateway, pia }: CommandWorld, name: string) =>
  (await issueKey(gateway, pia.token, { name })).id;

/** Starts a watch of Pia's keys and returns its output so far. */
function startWatch(world: CommandWorld, ...words: string[]) {
  const child = world.start(['watch', '--json', '--type', 'key_issued', ...words]);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let written = '';
  child.stderr.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return {
    child,
    written: () => written,
    next: async () => JSON.parse((await lines.next()).value as string),
    ended: async (signal?: NodeJS.Signals) => {
      const close = once(child, 'close');
      if (signal !== undefined) child.kill(signal);
      return ((await close) as [number | null])[0];
    },
  };
}

/** Opens a webhook receiver that answers with these statuses, then with 204. */
async function openReceiver(...statuses: number[]) {
  const got: { body: string; headers: Record<string, string> }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ body: Buffer.concat(chunks).toString(), headers: request.headers as Record<string, string> });
      response.writeHead(statuses.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

test('watch: it continues after the last event of the watch of its name, and Ctrl-C ends it cleanly', async () => {
  const world = await openLoggedInWorld();
  // A first watch starts now: earlier events are not printed.
  await issueForPia(world, 'before');
  const first = startWatch(world, '--resume', 'pager');
  await expect
    .poll(() => world.files().some((file) => file.endsWith('cursors/pager.json')), { timeout: 20_000 })
    .toBe(true);
  const id = await issueForPia(world, 'one');
  const event = await first.next();
  expect(event).toEqual({
    cursor: expect.any(String),
    id: expect.stringMatching(/^event_/),
    type: 'KEY_ISSUED',
    at: expect.any(String),
    recordedAt: expect.any(String),
    key: { id, name: 'one', realm: 'default', ownerId: world.pia.id },
    actor: { id: world.pia.id, kind: 'ACCOUNT', name: 'pia' },
    reason: null,
    data: expect.any(Object),
  });
  await expect.poll(() => world.read('.local/state/keytide/cursors/pager.json')).toContain(event.cursor);
  expect(await first.ended('SIGINT')).toBe(0);
  expect(world.rights('.local/state/keytide/cursors/pager.json')).toBe('600');

  await issueForPia(world, 'two');
  await issueForPia(world, 'three');
  const second = startWatch(world, '--resume', 'pager', '--count', '2');
  expect([(await second.next()).key.name, (await second.next()).key.name]).toEqual(['two', 'three']);
  expect(await second.ended()).toBe(0);
  const third = startWatch(world, '--resume', 'pager');
  await issueForPia(world, 'four');
  expect((await third.next()).key.name).toBe('four');
  expect(await third.ended('SIGTERM')).toBe(0);
  // --after overrides the stored cursor.
  const fourth = startWatch(world, '--resume', 'pager', '--after', event.cursor, '--count', '1');
  expect((await fourth.next()).key.name).toBe('two');
  expect(await fourth.ended()).toBe(0);
});

test('watch: only one watch of a name runs at a time', async () => {
  const world = await openLoggedInWorld();
  const first = startWatch(world, '--resume', 'pager');
  const kept = () => world.files().some((file) => file.endsWith('cursors/pager.json'));
  await expect.poll(kept, { timeout: 20_000 }).toBe(true);
  const second = await world.run(['watch', '--resume', 'pager']);
  expect([second.status, second.stderr]).toEqual([75, expect.stringContaining('Another watch pager is running')]);
  const other = startWatch(world, '--resume', 'other', '--count', '1');
  await expect
    .poll(() => world.files().some((file) => file.endsWith('cursors/other.json')), { timeout: 20_000 })
    .toBe(true);
  await issueForPia(world, 'one');
  expect([(await first.next()).key.name, (await other.next()).key.name]).toEqual(['one', 'one']);
  // The lock is released however the watch ends.
  expect(await first.ended('SIGKILL')).toBeNull();
  await issueForPia(world, 'two');
  const next = startWatch(world, '--resume', 'pager');
  expect(['one', 'two']).toContain((await next.next()).key.name);
});

test('watch: --exec gets each event on standard input, and a failed event is not skipped', async () => {
  const world = await openLoggedInWorld();
  const { data } = await world.gateway.ask('{ logCursor }', {}, world.pia.token);
  await issueForPia(world, 'one');
  await issueForPia(world, 'two');
  // The first attempt fails.
  world.write(
    'take.sh',
    'n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count; [ $n -gt 0 ] || exit 3; cat >> taken',
  );
  const watch = startWatch(
    world,
    '--after',
    data['logCursor'],
    '--count',
    '2',
    '--exec',
    'sh take.sh; s=$?; echo "$KEYTIDE_EVENT_TYPE"; exit $s',
  );
  expect(await watch.ended()).toBe(0);
  const taken = world
    .read('taken')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(taken.map(({ key }) => key.name)).toEqual(['one', 'two']);
  expect(watch.written()).toContain('was not delivered: the command ended with status 3. Retrying in 1 s.');
  expect(watch.written()).toContain('KEY_ISSUED\n');
});

test('watch: killed during a delivery, it starts with that event again', async () => {
  const world = await openLoggedInWorld();
  const first = startWatch(world, '--resume', 'pager', '--exec', 'touch begun; sleep 5');
  const kept = (name: string) => world.files().some((file) => file.endsWith(name));
  await expect.poll(() => kept('cursors/pager.json'), { timeout: 20_000 }).toBe(true);
  await issueForPia(world, 'one');
  await expect.poll(() => kept('begun'), { timeout: 20_000 }).toBe(true);
  expect(await first.ended('SIGKILL')).toBeNull();
  const second = startWatch(world, '--resume', 'pager', '--count', '1');
  expect((await second.next()).key.name).toBe('one');
  expect(await second.ended()).toBe(0);
});

test('watch: an event is forwarded as a signed webhook until it is accepted', async () => {
  const world = await openLoggedInWorld();
  const { got, url } = await openReceiver(500);
  world.write('hook.secret', `${SECRET}\n`);
  const { data } = await world.gateway.ask('{ logCursor }', {}, world.pia.token);
  const id = await issueForPia(world, 'one');
  const forward = ['--forward-to', url, '--secret-file', 'hook.secret'];
  const watch = startWatch(world, '--after', data['logCursor'], '--count', '1', ...forward);
  expect(await watch.ended()).toBe(0);
  expect(watch.written()).toContain('found status 500; expected 2xx. Retrying in 1 s.');
  expect(got).toHaveLength(2);
  expect(got[0]!.headers['webhook-id']).toBe(got[1]!.headers['webhook-id']);
  for (const { body, headers } of got) {
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: 'KEY_ISSUED',
      data: { keyId: id, realm: 'default', ownerId: world.pia.id },
    });
    expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow();
  }
  expect(watch.written()).not.toContain(SECRET.slice(6));
});

test('watch: an interruption of the gateway is reported, and no event is lost', async () => {
  const world = await openLoggedInWorld();
  const { data } = await world.gateway.ask('{ logCursor }', {}, world.pia.token);
  await issueForPia(world, 'one');
  const watch = startWatch(world, '--after', data['logCursor']);
  expect((await watch.next()).key.name).toBe('one');
  world.gateway.node.http.closeAllConnections();
  await expect.poll(() => watch.written(), { timeout: 20_000 }).toMatch(/Retrying in 1 s\.\n/);
  await issueForPia(world, 'two');
  expect((await watch.next()).key.name).toBe('two');
  expect(await watch.ended('SIGINT')).toBe(0);
});

test('watch: invalid options are refused with a remedy', async () => {
  const world = await openLoggedInWorld();
  const { run, write } = world;
  write('open.secret', SECRET, 0o644);
  write('no.secret', 'whsec_short');
  const hook = 'http://127.0.0.1:1/';
  const cases: [string[], number, string][] = [
    [['--forward-to', hook], 64, '--forward-to and --secret-file must be given together.'],
    [['--forward-to', 'ftp://x', '--secret-file', 'no.secret'], 64, 'an http or https URL'],
    [['--forward-to', 'http://a:b@127.0.0.1/', '--secret-file', 'no.secret'], 64, 'without user name and password'],
    [['--forward-to', hook, '--secret-file', 'no.secret'], 65, 'does not hold a webhook secret'],
    [['--forward-to', hook, '--secret-file', 'open.secret'], 77, '(mode 644)'],
    [['--forward-to', hook, '--secret-file', 'missing'], 66, 'The file missing does not exist.'],
    [['--exec', 'true', '--forward-to', hook, '--secret-file', 'x'], 64, 'cannot be used with option'],
    [['--resume', '../x'], 64, '--resume: found "../x"'],
    [['--count', '0'], 64, 'expected a whole number of at least 1'],
    [['--type', 'CAKE_EATEN'], 65, 'CAKE_EATEN'],
    [['--after', 'nowhere'], 65, 'keytide: '],
    [['--key', 'nobody'], 65, 'keytide list'],
  ];
  for (const [words, status, expected] of cases) {
    const result = await run(['watch', ...words]);
    expect([words, result.status, result.stdout]).toEqual([words, status, '']);
    expect(result.stderr).toContain(expected);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  }
  write('.local/state/keytide/cursors/other.json', JSON.stringify({ url: 'http://other', cursor: 'x' }));
  expect(await run(['watch', '--resume', 'other'])).toMatchObject({
    status: 78,
    stderr: expect.stringContaining('http://other'),
  });
  write('.local/state/keytide/cursors/bad.json', '{}');
  expect(await run(['watch', '--resume', 'bad'])).toMatchObject({ status: 65 });
});
