import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findDebianProgram } from '../support/debian-programs.ts';
import { openGateway } from '../support/gateway.ts';

/** Returns what `promtool check metrics` finds wrong with a page, by line. */
async function lint(promtool: string, page: string): Promise<readonly string[]> {
  const running = promisify(execFile)(promtool, ['check', 'metrics']);
  running.child.stdin?.end(page);
  const { stderr } = await running.catch((error: { stderr: string }) => error);
  return stderr.split('\n').filter((line) => line !== '');
}

test('metrics: promtool finds nothing wrong with /metrics', { timeout: 240_000 }, async () => {
  const promtool = await findDebianProgram('promtool');
  const gateway = await openGateway();
  await fetch(`${gateway.url}/livez`);
  const page = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(page).toContain('keytide_http_request_duration_seconds_bucket');
  expect(await lint(promtool, page)).toEqual([]);
  expect(await lint(promtool, '# TYPE things_total gauge\nthings_total 1\n')).toHaveLength(2);
});
