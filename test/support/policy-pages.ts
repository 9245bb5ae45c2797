import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openConsoleWorld } from './browser.ts';
import type { Gateway } from './gateway.ts';
import { issue } from './issue.ts';
import { mutationQuery } from './mutation-query.ts';
import { policiesWith } from './policies.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A module whose author wishes to be more than text, with a configuration of every form that shipped modules lack. */
const HOSTILE = `/**
 * hostile: see [this](javascript:alert(1)) and <img src=x onerror="globalThis.isHarmed = true">.
 *
 * - \`code <b>here</b>\` in a list
 *   that goes on
 *
 * **Strong** and ![a picture](https://example.com/x.png).
 */
import { definePolicy, duration, z } from '#policy';

export default definePolicy({
  name: 'hostile',
  version: '1.0.0',
  title: '<script>globalThis.isHarmed = true</script>',
  summary: '<img src=x onerror="globalThis.isHarmed = true"> ${'long'.repeat(60)} is one sentence. This is another.',
  config: z.strictObject({
    prefix: z.string().min(1).max(40).default('experiment-'),
    weight: z.number().int().min(1).max(9).default(3),
    factor: z.number().optional(),
    level: z.enum(['low', 'high']).default('low'),
    names: z.array(z.string()).default(['first']),
    limit: z.union([duration({ min: 'P1D' }), z.strictObject({ kind: z.literal('uses'), count: z.number().int() })]).optional(),
    table: z.record(z.string(), z.number()).optional(),
    life: duration({ min: 'PT1H' }),
  }),
  expiry: ({ key }, { life, prefix }) => ({
    request: null,
    cap: key.name.startsWith(prefix) ? { at: key.createdAt + life, basis: 'HARD' } : null,
    reason: { code: 'LIFE', sentence: 'It is as old as a key may get.' },
  }),
});
`;

/** A module that fails for each key. */
const FAILING = HOSTILE.replace("name: 'hostile'", "name: 'failing'")
  .replace(/title: '.*'/, "title: 'Failing'")
  .replace('request: null', 'request: (() => { throw new Error("boom <b>") })()');

/** A console whose gateway has both modules beside those that come with Keytide. */
export async function openPolicyPages() {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'hostile.ts'), HOSTILE);
  writeFileSync(join(folder, 'failing.ts'), FAILING);
  return openConsoleWorld({ policies: await policiesWith(folder) });
}

/** Keys of the administrator and of an organization. Two jobs used some of them, with a pause of more than 60 days. */
export async function issueForOwners(gateway: Gateway) {
  const admin = await gateway.admin();
  const create = mutationQuery('createOrganization', 'organization { id }');
  const { data } = await gateway.ask(create, { input: { name: 'Acme' } }, admin);
  const owner = data['createOrganization'].organization.id as string;
  for (let number = 1; number <= 4; number += 1) await issue(gateway, admin, { name: `nightly ${String(number)}` });
  for (let number = 1; number <= 8; number += 1)
    await issue(gateway, admin, { name: `upload ${String(number)}`, owner });
  const { uses } = gateway.services;
  const secrets = await gateway.prisma.secret.findMany({ orderBy: { id: 'asc' }, take: 5 });
  for (const daysAgo of [85, 84, 83, 10, 9]) {
    const at = new Date(gateway.clock.now().getTime() - daysAgo * DAY_MS);
    for (const { id: secretId, keyId } of secrets) {
      uses.record({ id: keyId, secretId }, 'github.com/acme/docs', at);
      if (daysAgo !== 84) uses.record({ id: keyId, secretId }, 'laptop', at);
    }
    await uses.flush();
  }
  return { admin, owner };
}
