import { createContext, use } from 'react';
import type { LiveEvents } from './live-events.ts';

/** What tells the components of a page about changes. */
export type LiveSource = Pick<LiveEvents, 'status' | 'listen' | 'tellGap' | 'stop'>;

export const LiveContext = createContext<LiveSource | null>(null);

/** Returns what tells a component about changes. Only for components below a LiveContext. */
export function useLive(): LiveSource {
  const live = use(LiveContext);
  if (live === null) throw new Error('nothing tells about changes');
  return live;
}
