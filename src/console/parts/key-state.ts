import { DAY_MS } from '../../domain/duration.ts';

/** What a state shows of a key. */
export interface ShownKey {
  readonly state: 'ACTIVE' | 'EXPIRED' | 'HELD' | 'REVOKED';
  readonly standing: 'ACTIVE' | 'WARNED' | 'HELD' | 'EXPIRED';
  readonly stopsAt: string | null;
  readonly rotation: object | null;
}

export type ShownState = 'active' | 'stops-soon' | 'rotating' | 'dormant' | 'held' | 'expired' | 'revoked';

export const stateWords: Readonly<Record<ShownState, string>> = {
  active: 'Active',
  'stops-soon': 'Stops soon',
  rotating: 'Rotating',
  dormant: 'Dormant',
  held: 'Held',
  expired: 'Expired',
  revoked: 'Revoked',
};

const SOON_MS = 14 * DAY_MS;

/** Returns the one state by which a key is shown: an end first, then what its owner should know, then that it works. */
export function shownState({ state, standing, stopsAt, rotation }: ShownKey, now: Date): ShownState {
  if (state !== 'ACTIVE') return ({ REVOKED: 'revoked', EXPIRED: 'expired', HELD: 'held' } as const)[state];
  if (stopsAt !== null && Date.parse(stopsAt) <= now.getTime()) return 'expired';
  if (rotation !== null) return 'rotating';
  if (standing !== 'ACTIVE') return 'dormant';
  if (stopsAt !== null && Date.parse(stopsAt) - now.getTime() < SOON_MS) return 'stops-soon';
  return 'active';
}

/** Whether a key has ended: its times no longer count on. */
export function isEndedKey(key: ShownKey, now: Date): boolean {
  return ['expired', 'revoked'].includes(shownState(key, now));
}
