import { DayWords, MomentButton } from './moment-button.tsx';

const instant = /(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?)/;

/** What follows a moment on the same line. */
const punctuation = /^[.,:;)]+/;

/** Sentences of the gateway. An instant or a day in them is shown as on all pages, with the exact time at hand. */
export function Explained({ text, isInline = false }: { readonly text: string; readonly isInline?: boolean }) {
  const texts = text.split(instant);
  // What has the form of an instant is not always a moment: 2026-99-99 in a reason stays text.
  const isMoment = (index: number) => index % 2 === 1 && !Number.isNaN(Date.parse(texts[index] ?? ''));
  const markBehind = (index: number) => (isMoment(index) ? (punctuation.exec(texts[index + 1] ?? '')?.[0] ?? '') : '');
  const parts = texts.map((part, index) => {
    if (!isMoment(index)) {
      // A name in it that turns the direction of writing around turns nothing else. "At" an instant is "on" the day that is shown.
      return <bdi key={index}>{part.slice(markBehind(index - 1).length).replace(/\bat $/, 'on ')}</bdi>;
    }
    return (
      <span key={index} className="with-mark">
        {part.includes('T') ? <MomentButton at={part} /> : <DayWords day={part} />}
        {markBehind(index)}
      </span>
    );
  });
  return isInline ? <>{parts}</> : <p>{parts}</p>;
}
