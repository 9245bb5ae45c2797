/** A label of a key. */
export interface MailLabel {
  readonly name: string;
  readonly value: string;
}

/** How many labels of a key a mail shows. */
const SHOWN_LABELS = 10;

/**
 * Returns the labels of a key on one line: "team=web, repo=app, 3 more". Null: there are none. `more` returns the words for
 * labels that are not shown. `mayShow` decides which labels may be shown.
 */
export function describeLabels(
  labels: readonly MailLabel[],
  more: (count: number) => string,
  mayShow: (label: MailLabel) => boolean = () => true,
): string | null {
  const shown = labels.filter(mayShow).slice(0, SHOWN_LABELS);
  if (shown.length === 0) return null;
  const omitted = labels.length - shown.length;
  const texts = shown.map(({ name, value }) => `${name}=${value}`);
  return [...texts, ...(omitted > 0 ? [more(omitted)] : [])].join(', ');
}
