import { useEffect, useState } from 'react';

/** A text that is typed counts when the person has paused. */
const PAUSE_MS = 300;

/** Returns a text as it was when it last stayed the same for a moment. */
export function usePause(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, settled]);
  return settled;
}
