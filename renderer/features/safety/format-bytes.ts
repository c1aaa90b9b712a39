/** "340 kB", "5.6 MB", in the person's own notation. */
export function formatBytes(bytes: number): string {
  const isSmall = bytes < 1e6;
  const unit = isSmall ? 'kilobyte' : 'megabyte';
  const value = isSmall ? Math.max(1, Math.round(bytes / 1e3)) : bytes / 1e6;
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumFractionDigits: value >= 100 || isSmall ? 0 : 1 }).format(value);
}
