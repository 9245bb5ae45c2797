import { withDurationsInWords } from './config-schema.ts';
import { readText, type TextBlock, type TextPiece } from './read-text.ts';

/** A text of a module’s author, as elements. It never becomes markup: what is not understood is shown as it is written. */
export function WrittenText({ text }: { readonly text: string }) {
  return readText(text).map((block, place) => <Block key={place} of={block} />);
}

function Block({ of: block }: { readonly of: TextBlock }) {
  switch (block.kind) {
    case 'CODE':
      return (
        <pre tabIndex={0} aria-label="Code">
          {block.text}
        </pre>
      );
    case 'HEADING':
      return (
        <h3>
          <Pieces of={block.pieces} />
        </h3>
      );
    case 'LIST':
      return (
        <ul>
          {block.items.map((pieces, place) => (
            <li key={place}>
              <Pieces of={pieces} />
            </li>
          ))}
        </ul>
      );
    case 'PARAGRAPH':
      return (
        <p>
          <Pieces of={block.pieces} />
        </p>
      );
  }
}

function Pieces({ of: pieces }: { readonly of: readonly TextPiece[] }) {
  return pieces.map(({ kind, text }, place) => {
    const words = withDurationsInWords(text);
    if (kind === 'CODE') return /^P[\dDHMSTW]+$/.test(text) ? words : <code key={place}>{text}</code>;
    return kind === 'STRONG' ? <strong key={place}>{words}</strong> : words;
  });
}
