import { DayWords, MomentButton } from './moment-button.tsx';

const instant = /(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?)/;

/** Sentences of the gateway. An instant or a day in them is shown as on all pages, with the exact time at hand. */
export function Explained({ text, isInline = false }: { readonly text: string; readonly isInline?: boolean }) {
  // What has the form of an instant is not always a moment: 2026-99-99 in a reason stays text.
  const parts = text.split(instant).map((part, index) => {
    if (index % 2 === 0 || Number.isNaN(Date.parse(part))) {
      // A name in it that turns the direction of writing around turns nothing else. "At" an instant is "on" the day that is shown.
      return <bdi key={index}>{part.replace(/\bat $/, 'on ')}</bdi>;
    }
    return part.includes('T') ? <MomentButton key={index} at={part} /> : <DayWords key={index} day={part} />;
  });
  return isInline ? <>{parts}</> : <p>{parts}</p>;
}
