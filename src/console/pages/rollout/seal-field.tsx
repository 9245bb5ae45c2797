import { useEffect, useState } from 'react';
import { CopyButton } from '../../parts/copy-button.tsx';
import { TextAreaField } from '../../parts/fields.tsx';
import { digestOf } from './sealed-text.ts';

interface SealFieldProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Asks for a text that is revealed later. Only its digest is sent: so the person has to store the text. */
export function SealField({ text, onChange }: SealFieldProps) {
  const digest = useDigest(text);
  return (
    <details className="seal" open={text !== ''}>
      <summary>Seal a text, and reveal it later</summary>
      <p className="hint">
        Owners see its digest now. When you publish the text later, anyone can check that it was written today.
      </p>
      <TextAreaField
        label="Sealed text (not required)"
        value={text}
        spellCheck={false}
        hint="It stays in your browser: Keytide stores the digest alone. Store the text exactly as it is."
        onChange={({ target }) => onChange(target.value)}
      />
      {digest !== null && (
        <>
          <p>
            SHA-256 <code>{digest}</code>
          </p>
          <CopyButton text={text} what="the text" />
        </>
      )}
    </details>
  );
}

/** Returns the digest of a text; null: it is empty, or the digest is being computed. */
export function useDigest(text: string): string | null {
  const [computed, setComputed] = useState<{ readonly text: string; readonly digest: string } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    if (text !== '') {
      void digestOf(text).then((digest) => {
        if (isCurrent) setComputed({ text, digest });
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return text !== '' && computed?.text === text ? computed.digest : null;
}
