import { MomentButton } from '../../parts/moment-button.tsx';

const instant = /(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?)/;

/** Sentences of the gateway. An instant or a day in them is shown as on all pages, with the exact time at hand. */
export function Explained({ text, isInline = false }: { readonly text: string; readonly isInline?: boolean }) {
  const parts = text
    .split(instant)
    .map((part, index) => (index % 2 === 0 ? part : <MomentButton key={index} at={part} />));
  return isInline ? <>{parts}</> : <p>{parts}</p>;
}
