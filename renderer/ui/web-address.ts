/** Only https leaves the app (platform.openExternal); "example.com" and http addresses are opened as https. */
export function webAddress(text: string): string | null {
  const bare = text.trim().replace(/^https?:\/\//i, '');
  if (bare === '' || /\s/.test(bare) || /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(bare)) return null;
  return `https://${bare}`;
}
