import request from 'supertest';
import { expect, test } from 'vitest';
import { sendJson } from '../../src/http/responses.ts';
import { parseSubnet, TrustedProxies, type Subnet } from '../../src/http/client-address.ts';
import { exchangeOf } from '../../src/http/http-exchange.ts';
import type { Route } from '../../src/http/find-route.ts';
import { sendBytes, startServer } from '../support/http-server.ts';

const echoAddress: Route = {
  handle: (incoming, response) => sendJson(response, 200, exchangeOf(incoming).address),
};

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  if (parsed === null) throw new Error(`${text} is not a subnet`);
  return parsed;
}

/** Returns the client address that the server finds for a request from 127.0.0.1 with these X-Forwarded-For headers. */
async function addressWith(trusted: readonly string[], ...forwarded: string[]): Promise<unknown> {
  const { port } = await startServer({ '/': echoAddress }, { proxies: trusted.map(subnet) });
  const headers = forwarded.map((value) => `X-Forwarded-For: ${value}\r\n`).join('');
  const answer = await sendBytes(port, `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
}

test('client address: without trusted proxies it is the peer’s address, whatever the headers say', async () => {
  expect(await addressWith([], '192.0.2.1')).toBe('127.0.0.1');
  expect(await addressWith(['10.0.0.0/8'], '192.0.2.1')).toBe('127.0.0.1');
  const { url } = await startServer({ '/': echoAddress });
  const forged = { Forwarded: 'for=192.0.2.1', 'X-Real-IP': '192.0.2.1', 'X-Client-IP': '192.0.2.1' };
  expect((await request(url).get('/').set(forged)).body).toBe('127.0.0.1');
});

test('client address: it is the rightmost hop that is not a trusted proxy; hops further left are ignored', async () => {
  const trusted = ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'];
  expect(await addressWith(trusted, '192.0.2.1')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '198.51.100.9, 192.0.2.1')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '198.51.100.9, 192.0.2.1, 10.1.2.3')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '198.51.100.9, 10.9.9.9, 192.0.2.1, 10.1.2.3,2001:db8::7')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '198.51.100.9', '192.0.2.1', '10.1.2.3')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '10.0.0.1, 10.0.0.2')).toBe('10.0.0.1');
  expect(await addressWith(trusted)).toBe('127.0.0.1');
});

test('client address: a hop that is not an address ends the search at the proxy that reported it', async () => {
  const trusted = ['127.0.0.0/8', '10.0.0.0/8'];
  for (const odd of ['unknown', '', '_hidden', '999.1.1.1', '192.0.2.1 192.0.2.2', 'localhost', '"192.0.2.1"']) {
    expect(await addressWith(trusted, `192.0.2.1, ${odd}, 10.0.0.1`), odd).toBe('10.0.0.1');
  }
});

test('client address: ports, brackets, zones and IPv4-mapped IPv6 are normalized', async () => {
  const trusted = ['127.0.0.1', '10.0.0.0/8'];
  expect(await addressWith(trusted, '192.0.2.1:4711')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '[2001:DB8::1]:4711')).toBe('2001:db8::1');
  expect(await addressWith(trusted, '[2001:db8::1]')).toBe('2001:db8::1');
  expect(await addressWith(trusted, 'fe80::1%eth0')).toBe('fe80::1');
  expect(await addressWith(trusted, '::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(await addressWith(trusted, '192.0.2.1, ::FFFF:10.0.0.1')).toBe('192.0.2.1');
});

test('subnet: addresses and ranges are parsed, and everything else is rejected', () => {
  expect(subnet('10.0.0.0/8')).toEqual({ address: '10.0.0.0', prefix: 8, family: 'ipv4' });
  expect(subnet('192.0.2.1')).toEqual({ address: '192.0.2.1', prefix: 32, family: 'ipv4' });
  expect(subnet('fd00::/8')).toEqual({ address: 'fd00::', prefix: 8, family: 'ipv6' });
  for (const text of ['', '/8', '10.0.0.0/0', '::/0', '10.0.0.0/33', '::/129', '10.0.0.0/08', '10.0.0.0/8/8', '10/8']) {
    expect(parseSubnet(text), text).toBeNull();
  }
  for (const text of ['10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8 ', 'fe80::1%eth0', 'localhost']) {
    expect(parseSubnet(text), text).toBeNull();
  }
  expect(new TrustedProxies([subnet('10.1.2.3/8')]).has('10.200.0.1')).toBe(true);
  expect(new TrustedProxies([subnet('10.0.0.0/8')]).has('11.0.0.1')).toBe(false);
});
