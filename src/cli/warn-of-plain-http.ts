import type { Output } from './output.ts';

/** Warns that a URL is not encrypted, except for this machine's own addresses. */
export function warnOfPlainHttp(output: Output, url: string): void {
  if (!URL.canParse(url)) return;
  const { protocol, hostname: host } = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
  if (protocol === 'http:' && !isLoopback)
    output.note(`Warning: ${url} is not encrypted, so others on the network can read the credential.`);
}
