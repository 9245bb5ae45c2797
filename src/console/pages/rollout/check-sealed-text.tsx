import { useState } from 'react';
import { TextAreaField } from '../../parts/fields.tsx';
import { useDigest } from './seal-field.tsx';

/** Shows the digest of a sealed text, and says of a text that was revealed whether it is that one. */
export function CheckSealedText({ digest }: { readonly digest: string }) {
  const [text, setText] = useState('');
  const found = useDigest(text);
  return (
    <>
      SHA-256 <code>{digest}</code>
      <details className="seal">
        <summary>Check a revealed text</summary>
        <TextAreaField
          label="The text"
          value={text}
          spellCheck={false}
          hint="It stays in your browser."
          onChange={({ target }) => setText(target.value)}
        />
        <p role="status">
          {found !== null &&
            (found === digest ? 'This is the sealed text.' : 'This is another text: its digest differs.')}
        </p>
      </details>
    </>
  );
}
