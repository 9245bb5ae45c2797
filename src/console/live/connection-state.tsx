import { useStore } from '../shell/observable-value.ts';
import { useLive } from './live-context.ts';

/** Whether the page hears of changes as they happen. */
export function ConnectionState() {
  const status = useStore(useLive().status);
  const isLive = status === 'LIVE';
  const words = { CONNECTING: 'Connecting…', LIVE: 'Live', RECONNECTING: 'Reconnecting…' }[status];
  return (
    <span className={isLive ? 'connection' : 'connection lost'} role="status">
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="3.5" />
      </svg>
      {words}
    </span>
  );
}
