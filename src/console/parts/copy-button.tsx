import { useState } from 'react';
import { announce } from '../shell/announce.tsx';

/** Copies a text to the clipboard. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [words, setWords] = useState(`Copy ${what}`);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setWords('Copied');
      announce(`Copied ${what}.`);
    } catch {
      setWords('Select it and copy');
    }
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {words}
    </button>
  );
}
