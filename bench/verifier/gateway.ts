// Sends the snapshot of a realm with so many keys, then heads, as a gateway does. Reports its port to its parent.
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FOLLOW_FORMAT, type FollowLine } from '../../src/verifier/follow-lines.ts';
import { formatId } from '../../src/verifier/id-words.ts';
import { secretText } from '../table/secret-text.ts';

const HEARTBEAT_MS = 1_000;
const OWNERS = 1_000;
const SCOPES = 500;
const PAGE = 500;

const count = Number(process.argv[2]);
const id = (prefix: string, number: number) => formatId(`${prefix}_`, 0x19a0, number, number * 7_919, number * 104_729);

const server = createServer((request, response) => {
  const [path] = (request.url ?? '').split('?');
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  if (path === '/snapshot') void sendSnapshot(response);
  else if (path === '/log') sendHeads(response);
  else request.resume().on('end', () => response.end('{}'));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

async function sendSnapshot(response: ServerResponse): Promise<void> {
  const actions = ['package:push', 'package:unlist'];
  const realm = { format: FOLLOW_FORMAT, id: 'realm_1', slug: 'default', foldsCase: false, actions };
  response.write(toText([{ realm }]));
  for (let first = 1; first <= count; first += PAGE) {
    const length = Math.min(PAGE, count + 1 - first);
    const lines = Array.from({ length }, (_, index) => createKeyLine(first + index));
    if (!response.write(toText(lines))) await once(response, 'drain');
  }
  response.end(toText([createHead()]));
}

function sendHeads(response: ServerResponse): void {
  const send = () => response.write(toText([createHead()]));
  send();
  const timer = setInterval(send, HEARTBEAT_MS);
  response.on('close', () => clearInterval(timer));
}

function createHead(): FollowLine {
  const now = Date.now();
  return { head: { cursor: 'cursor', asOf: now, time: now } };
}

function createKeyLine(number: number): FollowLine {
  const endsAt = Date.now() + 90 * 24 * 3_600_000;
  const secret = { digest: hash('sha256', secretText(number), 'hex'), generation: 1, retiresAt: null };
  return {
    key: {
      id: id('key', number),
      ownerId: id('organization', number % OWNERS),
      externalId: null,
      tokenRuleId: null,
      scopes: [{ action: 'package:push', resource: `Acme.Team${number % SCOPES}.**` }],
      labels: [{ name: 'team', value: `team-${number % 300}` }],
      expiresAt: endsAt,
      expiryBasis: 'HARD',
      stopsAt: endsAt,
      expiredAt: null,
      revokedAt: null,
      renewalDueAt: endsAt - 30 * 24 * 3_600_000,
      notBefore: null,
      allowedAddresses: [],
      warnings: null,
      brownouts: null,
      holdSources: [],
      secrets: [secret],
    },
  };
}

function toText(lines: readonly FollowLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
