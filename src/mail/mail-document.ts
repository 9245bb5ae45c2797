/** A link to a page for a person. */
export interface MailLink {
  readonly label: string;
  readonly url: string;
}

/** One key, leak or operation in a mail. Texts are unescaped, as people entered them. */
export interface MailBlock {
  readonly title: string;
  /** The owner and the realm, or the realm alone. Null: the reader knows them. */
  readonly origin: string | null;
  /** What to do first, then why. */
  readonly sentences: readonly string[];
  /** By what people recognise a key: pairs of a label and a value. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** A list of keys. The link of each is null if there is no page to link to. */
  readonly items: readonly { readonly text: string; readonly url: string | null }[];
  /** Null: there is no page to link to. */
  readonly link: MailLink | null;
}

/** Blocks with a sentence above them. */
export interface MailSection {
  /** Null: the blocks say what to do. */
  readonly introduction: string | null;
  readonly blocks: readonly MailBlock[];
}

/** A mail before it is written. The text and the HTML are both written from it, so that they have the same content. */
export interface MailDocument {
  /** A BCP 47 tag. */
  readonly language: string;
  /** The title of the HTML. Few mail programs show it. */
  readonly title: string;
  /** Whose keys the mail is about: its first line. */
  readonly heading: string;
  readonly sections: readonly MailSection[];
  /** A page about all that the mail is about. Null: there is none to link to. */
  readonly page: MailLink | null;
  /** Who sent the mail, and why. */
  readonly closing: string;
  readonly unsubscribe: MailLink;
}

const lineBreaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Characters that reorder the text around them (UAX 9): a name with them could make other words look different. */
const bidiControls = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Returns a text as one line that stays within itself, so that a name cannot look like a part of the mail. */
export function singleLine(text: string): string {
  return text.replaceAll(bidiControls, '').replaceAll(lineBreaks, ' ').trim();
}
