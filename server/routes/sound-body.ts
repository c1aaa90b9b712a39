const deepest = 30;

/**
 * Whether a body can be worked on at all: half a character (a lone surrogate) cannot be stored or sent on, and nesting
 * without end is no record. Walked without recursion, because the depth is the sender's.
 */
export function isSound(body: unknown): boolean {
  const waiting: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { value, depth } = at;
    if (typeof value === 'string' && !value.isWellFormed()) return false;
    // Bytes are whatever they are.
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) continue;
    if (depth >= deepest) return false;
    for (const [name, part] of Object.entries(value)) {
      if (!name.isWellFormed()) return false;
      waiting.push({ value: part, depth: depth + 1 });
    }
  }
  return true;
}
