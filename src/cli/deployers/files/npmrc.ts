import { applySplices, appendLine, type FileFormat } from './file-format.ts';

/**
 * npm's `.npmrc`: `//host/path/:_authToken=…` of a registry (docs.npmjs.com, npmrc, "Auth related configuration"). If a
 * setting occurs twice, both values are set.
 */
export const npmrcFormat: FileFormat<{ readonly registry: string }> = {
  write(text, secret, { registry }) {
    const matches = findSettings(text ?? '', registry);
    if (matches.length === 0) return appendLine(text ?? '', `${buildSettingName(registry)}=${secret}`);
    return applySplices(
      text ?? '',
      matches.map(({ from, to }) => ({ from, to, text: secret })),
    );
  },
  read: (text, { registry }) => findSettings(text, registry).at(-1)?.value ?? null,
};

/** Builds the name of a registry's setting: its URL without scheme, with a slash at the end. */
function buildSettingName(registry: string): string {
  const { host, pathname } = new URL(registry);
  return `//${host}${pathname.replace(/\/*$/, '/')}:_authToken`;
}

function findSettings(text: string, registry: string) {
  const setting = buildSettingName(registry);
  return [...text.matchAll(/^[^\S\r\n]*([^=\s]+)[^\S\r\n]*=[^\S\r\n]*([^\r\n]*)/dgm)]
    .filter((match) => match[1] === setting)
    .map((match) => {
      const raw = (match[2] ?? '').trimEnd();
      const from = match.indices?.[2]?.[0] ?? 0;
      return { from, to: from + raw.length, value: raw.replace(/^(['"])(.*)\1$/, '$2') };
    });
}
