import type { Output } from './output.ts';

/** What is sent without encryption is read by whoever is on the way. */
export function warnOfPlainHttp(output: Output, url: string): void {
  if (!URL.canParse(url)) return;
  const { protocol, hostname: host } = new URL(url);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
  if (protocol === 'http:' && !isHere) output.note(`Mind: ${url} is not encrypted; whoever is on the way reads along.`);
}
