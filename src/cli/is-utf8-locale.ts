/**
 * Returns whether the locale of an environment shows characters beyond ASCII (POSIX, 8.2: LC_ALL, then LC_CTYPE, then LANG).
 * Terminals of Windows and macOS do in any case.
 */
export function isUtf8Locale(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  if (locale === undefined) return platform === 'win32' || platform === 'darwin';
  return /utf-?8/i.test(locale);
}
