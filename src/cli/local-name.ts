/** What a person may call a key or a watch on their machine: it is a file's name, too. */
const LOCAL_NAME_PATTERN = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Whether that can be such a name. */
export function isLocalName(text: string): boolean {
  return LOCAL_NAME_PATTERN.test(text);
}

/** Says what `isOwnName` takes. */
export const LOCAL_NAME_RULE = 'letters, digits, ., _ and -, at most 64, the first a letter or a digit';
