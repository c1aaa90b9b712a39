/** Lists (tags, links) in one cell: items between semicolons, an item with a separator in it in double quotes. */
export function joinList(items: readonly string[]): string {
  return items.map((item) => (/[\s;,|"]/.test(item) ? `"${item.replaceAll('"', '""')}"` : item)).join('; ');
}

const quotedItem = /^"((?:[^"]|"")*)"\s*(?:[;,|\n]\s*|$)/;

/** Takes such a list apart, and those of other programs: commas, semicolons, bars or line breaks. */
export function splitTags(text: string): string[] {
  return split(text, /^([^;,|\n]*)(?:[;,|\n]|$)/);
}

/** Addresses have commas and semicolons in them: only white space, or a separator before it, ends one. */
export function splitLinks(text: string): string[] {
  return split(text, /^(.*?)(?:[;,|]?\s+|[;,|]?$)/s);
}

function split(text: string, plainItem: RegExp): string[] {
  const items = new Set<string>();
  let rest = text.trim();
  while (rest !== '') {
    const quoted = quotedItem.exec(rest);
    const match = quoted ?? (plainItem.exec(rest) as RegExpExecArray);
    const item = (quoted === null ? (match[1] as string) : (quoted[1] as string).replaceAll('""', '"')).trim();
    if (item !== '') items.add(item);
    if (match[0] === '') break;
    rest = rest.slice(match[0].length).trimStart();
  }
  return [...items];
}
