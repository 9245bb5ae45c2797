/** The colors of a part of a mail on light and on dark ground. */
interface Tone {
  readonly light: string;
  readonly dark: string;
}

/** The colors of mails. Each text has a contrast of at least 4.5 to its ground (WCAG 2.2, 1.4.3). */
export const mailColors = {
  ground: { light: '#f6f8f9', dark: '#0e1619' },
  sheet: { light: '#ffffff', dark: '#162126' },
  ink: { light: '#12252d', dark: '#e4eef1' },
  quiet: { light: '#4d636c', dark: '#9bb0b8' },
  link: { light: '#1b6f80', dark: '#4fb3c7' },
  edge: { light: '#d5dde0', dark: '#2c3c43' },
} as const satisfies Record<string, Tone>;

type MailColor = keyof typeof mailColors;

/**
 * Returns the attributes of an element with this color of text, ground or edge: the light color inline, as many mail programs
 * drop style sheets; the dark color by a class.
 */
export function colorAttributes(
  colors: { text?: MailColor; ground?: MailColor; edge?: MailColor },
  style = '',
): string {
  const { text, ground, edge } = colors;
  const classes = [text && `t-${text}`, ground && `g-${ground}`, edge && `e-${edge}`].filter(Boolean).join(' ');
  const rules = [
    ...(text === undefined ? [] : [`color:${mailColors[text].light}`]),
    ...(ground === undefined ? [] : [`background-color:${mailColors[ground].light}`]),
    ...(edge === undefined ? [] : [`border-color:${mailColors[edge].light}`]),
    ...(style === '' ? [] : [style]),
  ];
  return `class="${classes}" style="${rules.join(';')}"`;
}

/** The elements of the head: colors for dark ground, which mail programs choose by the reader's setting. */
export const mailHead = [
  '<meta name="viewport" content="width=device-width">',
  '<meta name="color-scheme" content="light dark">',
  '<meta name="supported-color-schemes" content="light dark">',
  `<style>:root{color-scheme:light dark;supported-color-schemes:light dark}body{margin:0}@media (prefers-color-scheme:dark){${darkRules()}}</style>`,
].join('');

function darkRules(): string {
  return Object.entries(mailColors)
    .map(([name, { dark }]) =>
      [
        `.t-${name}{color:${dark}!important}`,
        `.g-${name}{background-color:${dark}!important}`,
        `.e-${name}{border-color:${dark}!important}`,
      ].join(''),
    )
    .join('');
}
