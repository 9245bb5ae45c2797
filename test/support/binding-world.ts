import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binding, Event } from '../../prisma/generated/client/client.ts';
import { bindPolicy, type BindPolicyInput } from '../../src/bindings/bind.ts';
import { previewPolicy, type PreviewPolicyInput } from '../../src/bindings/preview.ts';
import type { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { openKeyWorld, success, type KeyWorld } from './key-world.ts';
import { policiesWith } from './policies.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A key world whose operator has a folder of modules. */
export interface BindingWorld extends KeyWorld {
  readonly policies: PolicyRuntime;
  /** Writes a module into the folder, and has it found. */
  write(name: string, text: string): Promise<void>;
  /** Takes it away again. */
  remove(name: string): Promise<void>;
  /** Binds a policy to the realm as its administrator. Nothing is looked at yet. */
  bind(input: Omit<BindPolicyInput, 'realm'>): Promise<Binding>;
  /** A token that confirms a change with its preview. */
  token(input: Omit<PreviewPolicyInput, 'realm'>): Promise<string>;
  /** That many keys of the owner, issued one after the other. */
  issueMany(count: number): Promise<string[]>;
  /** What the log tells of the realm and its bindings, not of keys. */
  realmEvents(): Promise<Event[]>;
}

export async function openBindingWorld(
  options: Pick<NonNullable<Parameters<typeof openKeyWorld>[0]>, 'channels' | 'random'> = {},
): Promise<BindingWorld> {
  const folder = scratchFolder();
  const policies = await policiesWith(folder);
  const world = await openKeyWorld({ ...options, policies });
  return {
    ...world,
    policies,
    async write(name, text) {
      writeFileSync(join(folder, `${name}.ts`), text);
      await policies.refresh();
    },
    async remove(name) {
      rmSync(join(folder, `${name}.ts`));
      await policies.refresh();
    },
    async bind(input) {
      const { bindingId } = success(await bindPolicy(world, world.admin, { realm: 'default', ...input }));
      return world.prisma.binding.findUniqueOrThrow({ where: { id: bindingId } });
    },
    async token(input) {
      return (await previewPolicy(world, world.admin, { realm: 'default', ...input })).previewToken;
    },
    async issueMany(count) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) ids.push((await world.issue({ name: `key ${index}` })).keyId);
      return ids;
    },
    realmEvents: () => world.prisma.event.findMany({ where: { keyId: null }, orderBy: { position: 'asc' } }),
  };
}

/** A module that ends every key so long after it was issued: by time alone, or as its configuration says. */
export const LIFE = `import { definePolicy, duration, z } from '#policy';

export default definePolicy({
  name: 'life',
  version: '1.0.0',
  title: 'So long and no longer',
  summary: 'A key ends so long after it was issued.',
  config: z.strictObject({ life: duration({ min: 'PT1H' }).prefault('P90D') }),
  expiry: ({ key }, { life }) => ({
    request: null,
    cap: { at: key.createdAt + life, basis: 'HARD' },
    reason: { code: 'LIFE', sentence: 'It is as old as a key may get.' },
  }),
});
`;

/** The same, but it fails every key of the name "boom". */
export const FUSSY = LIFE.replace(
  'request: null',
  'request: key.name === "boom" ? (() => { throw new Error("boom"); })() : null',
);
