import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { fetchKey } from '../key-list/fetch-key.ts';
import { toKeyJson, KEY_SELECTION } from '../key-list/key-json.ts';
import { formatKeyDetails, writeDetails } from '../key-list/format-key.ts';
import { plainLine } from '../output.ts';
import { describeInstant } from '../describe-instant.ts';

const QUERY = `query Key($id: ID!) {
  key(id: $id) {
    ${KEY_SELECTION}
    description metadata notBefore allowedAddresses
    holds { source reason since }
    secrets { start generation createdAt firstUsedAt lastUsedAt retiresAt }
    rotation { startedAt previousRetiresAt moved notMoved hasUnlabelled }
    renewalInfo { allowed mode window { opensAt closesAt } suggestedAt longest retryAfter reason }
  }
}`;

interface ShownKey {
  readonly description: string | null;
  readonly metadata: object | null;
  readonly notBefore: string | null;
  readonly allowedAddresses: readonly string[];
  readonly holds: readonly { readonly source: string; readonly reason: string; readonly since: string }[];
  readonly secrets: readonly {
    readonly start: string;
    readonly generation: number;
    readonly createdAt: string;
    readonly firstUsedAt: string | null;
    readonly lastUsedAt: string | null;
    readonly retiresAt: string | null;
  }[];
  readonly rotation: {
    readonly startedAt: string;
    readonly previousRetiresAt: string;
    readonly moved: readonly string[];
    readonly notMoved: readonly string[];
    readonly hasUnlabelled: boolean;
  } | null;
  readonly renewalInfo: {
    readonly allowed: boolean;
    readonly mode: string;
    readonly suggestedAt: string | null;
    readonly reason: string;
  };
}

/**
 * Shows a key.
 *
 * With `--json`: `{ key: { …, description, metadata, notBefore, allowedAddresses, holds: [{ source, reason, since }], secrets: [{ start,
 * generation, createdAt, firstUsedAt, lastUsedAt, retiresAt }], rotation: { startedAt, previousRetiresAt, moved, notMoved,
 * hasUnlabelled }, renewalInfo: { allowed, mode, window, suggestedAt, longest, retryAfter, reason } } }`, the other members as in
 * `keytide list`.
 */
export const showCommand: Command = {
  declare(parser) {
    parser.argument('<key>', 'id or name of the key').option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName] }) {
    const { output, now } = context;
    const selected = await fetchKey<ShownKey>(context, idOrName as string, QUERY);
    const { description, metadata, notBefore, allowedAddresses, holds, secrets, rotation, renewalInfo } = selected;
    const key = toKeyJson(selected);
    const notes = { description, metadata, notBefore, allowedAddresses };
    output.json({ key: { ...key, ...notes, holds, secrets, rotation, renewalInfo } });
    writeDetails(output, [...formatKeyDetails(key, now()), ...formatMoreDetails(selected, now())]);
    return exitStatus.OK;
  },
};

function formatMoreDetails(shown: ShownKey, now: Date): [string, string][] {
  const { description, metadata, notBefore, allowedAddresses, holds, secrets, rotation, renewalInfo } = shown;
  const { allowed, mode, suggestedAt, reason } = renewalInfo;
  const renewal = allowed ? `by ${mode}, suggested ${describeInstant(suggestedAt, now, 'now')}` : 'not allowed now';
  const waiting = [
    ...(rotation?.notMoved ?? []),
    ...(rotation?.hasUnlabelled === true ? ['callers without a label'] : []),
  ];
  return [
    ['description', plainLine(description ?? '')],
    ['metadata', metadata === null ? '' : plainLine(JSON.stringify(metadata))],
    ['not before', notBefore === null ? '' : describeInstant(notBefore, now, '')],
    ['addresses', allowedAddresses.join(', ')],
    ...holds.map(({ source, reason: holdReason, since }): [string, string] => [
      'held',
      `by ${plainLine(source)}: ${plainLine(holdReason)}, since ${describeInstant(since, now, '')}`,
    ]),
    ...secrets.map(({ start, lastUsedAt, retiresAt }): [string, string] => {
      const retires = retiresAt === null ? '' : `, retires ${describeInstant(retiresAt, now, '')}`;
      return ['secret', `${start}…, last used ${describeInstant(lastUsedAt, now, 'never')}${retires}`];
    }),
    ['not moved', plainLine(waiting.join(', '))],
    ['renewal', `${renewal}: ${plainLine(reason)}`],
  ];
}
