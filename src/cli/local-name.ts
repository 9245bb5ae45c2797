/** A user's name for a key or a watch on this machine. It becomes a file name. */
const LOCAL_NAME_PATTERN = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Whether a text is a valid name for a key or a watch on this machine. */
export function isLocalName(text: string): boolean {
  return LOCAL_NAME_PATTERN.test(text);
}

/** Describes what `isLocalName` accepts, for messages. */
export const LOCAL_NAME_RULE = 'letters, digits, ., _ and -, at most 64, the first a letter or a digit';
