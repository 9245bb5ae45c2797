import { useEffect, useState } from 'react';

/** How long a preview takes before the page says so: most are there sooner. */
const LONG_MS = 3_000;
const TICK_MS = 1_000;

/** Says that a preview runs, and after a while for how long. It is not seen for the first 300 ms. */
export function PreviewProgress({ since }: { readonly since: Date }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const startedAt = performance.now();
    const timer = setInterval(() => setSeconds(Math.round((performance.now() - startedAt) / 1_000)), TICK_MS);
    return () => clearInterval(timer);
  }, [since]);
  return (
    <div className="waiting">
      <p role="status">The policies are evaluated for every key of the realm, as they then would be…</p>
      {seconds * 1_000 >= LONG_MS && (
        <p>
          {seconds} seconds so far. A realm with ten thousand keys takes some seconds, a very large one minutes. Nothing
          changes meanwhile, and leaving the page ends it.
        </p>
      )}
    </div>
  );
}
