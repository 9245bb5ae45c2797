import { paths } from '../../routes.ts';
import { breakageRow, dormantRow, heldRow, leakedRow, stalledRow, stoppingRow } from './key-rows.tsx';
import { beforeNextUseRow, brakeRow, brokenRow, failedDeliveryRow, proposalRow } from './problem-rows.tsx';
import { PROBLEMS_MAX, type Breakage, type Work, type WorkKey } from './work-query.ts';
import type { WorkGroup, WorkRow } from './work-row.ts';

/** Returns what waits for a person, the most urgent first. Kinds without any are left out. */
export function listWork(work: Work, isAdministrator: boolean): WorkGroup[] {
  const { keyCounts, leakedCount, heldCount, stalledCount, leaked, stopping, stalled, held, dormant } = work;
  const dormantCount = keyCounts.byStanding.find(({ standing }) => standing === 'WARNED')?.keyCount ?? 0;
  const keys = `${paths.keys}?`;
  const groups: readonly WorkGroup[] = [
    keyGroup('Leaked keys', leakedCount, leaked, leakedRow, `${keys}care=leaked&state=held`),
    breakageGroup(work.breakage.breakages.edges.map(({ node }) => node)),
    problemGroup(
      'Changes of many keys that wait for a second person',
      work.proposals.edges.map(({ node }) => node),
      proposalRow,
    ),
    problemGroup('Engaged brakes', work.brakes, (problem) => brakeRow(problem, isAdministrator)),
    problemGroup('Broken policies', work.broken, brokenRow),
    problemGroup('Failed deliveries', work.deliveries, failedDeliveryRow),
    keyGroup(
      'Stop within 30 days, and nothing renews them',
      keyCounts.stopsSoonByHand,
      stopping,
      stoppingRow,
      `${keys}care=by-hand&within=P30D&ci=no`,
    ),
    problemGroup('Stop before their next use', work.beforeNextUse, beforeNextUseRow),
    keyGroup('Rotations that stall', stalledCount, stalled, stalledRow, `${keys}care=stalled`),
    keyGroup('Held keys', heldCount, held, heldRow, `${keys}state=held&ci=no`),
    keyGroup('Dormant keys', dormantCount, dormant, dormantRow, `${keys}dormant=yes&ci=no`),
  ];
  return groups.filter(({ count }) => count > 0);
}

function keyGroup<Key extends WorkKey>(
  title: string,
  count: number,
  { edges }: { readonly edges: readonly { readonly node: Key }[] },
  rowOf: (key: Key) => Omit<WorkRow, 'id' | 'title'>,
  href: string,
): WorkGroup {
  const rows = edges.map(({ node }) => ({ id: node.id, title: node.name, ...rowOf(node) }));
  return { title, count: Math.max(count, rows.length), isLeast: false, rows, all: { name: 'All', href } };
}

function problemGroup<Problem>(
  title: string,
  problems: readonly Problem[],
  rowOf: (problem: Problem) => WorkRow | null,
): WorkGroup {
  const rows = problems.flatMap((problem) => rowOf(problem) ?? []);
  return { title, count: rows.length, isLeast: problems.length >= PROBLEMS_MAX, rows: rows.slice(0, 4), all: null };
}

/** Returns the consumers that worked and were refused in the last 7 days, each once, unless their key works again or is revoked. */
function breakageGroup(breakages: readonly Breakage[]): WorkGroup {
  const open = new Map<string, Breakage>();
  for (const breakage of breakages) {
    const { key, consumer, outcome } = breakage;
    const isOver =
      key.state === 'REVOKED' ||
      (outcome === 'KEY_EXPIRED' && key.state !== 'EXPIRED') ||
      (outcome === 'KEY_HELD' && key.state !== 'HELD');
    const id = `${key.id} ${consumer}`;
    if (!isOver && !open.has(id)) open.set(id, breakage);
  }
  const rows = [...open].slice(0, 4).map(([id, breakage]) => ({ id, ...breakageRow(breakage) }));
  const isLeast = breakages.length >= PROBLEMS_MAX;
  return { title: 'Consumers broken in the last 7 days', count: open.size, isLeast, rows, all: null };
}
