/** Decodes quoted-printable text (RFC 2045) whose soft line breaks are gone already. Bytes that fit nothing become �. */
export function decodeQuotedPrintable(text: string, charset: string | null): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    const hex = code === 0x3d ? /^[0-9A-Fa-f]{2}/.exec(text.slice(i + 1, i + 3)) : null;
    if (hex !== null) {
      bytes.push(Number.parseInt(hex[0], 16));
      i += 3;
    } else if (code < 0x80) {
      bytes.push(code);
      i += 1;
    } else {
      // Letters that should have been encoded and were not: kept as they are.
      const letter = String.fromCodePoint(text.codePointAt(i) as number);
      for (const byte of encodeIn(letter, charset)) bytes.push(byte);
      i += letter.length;
    }
  }
  return decoderFor(charset).decode(new Uint8Array(bytes));
}

function encodeIn(letter: string, charset: string | null): Uint8Array {
  const utf8 = new TextEncoder().encode(letter);
  if (isUtf8(charset)) return utf8;
  const code = letter.codePointAt(0) as number;
  return code < 0x100 ? new Uint8Array([code]) : new Uint8Array([0x3f]);
}

function isUtf8(charset: string | null): boolean {
  return charset === null || /^utf-?8$/i.test(charset);
}

function decoderFor(charset: string | null): { decode(bytes: Uint8Array): string } {
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
}
