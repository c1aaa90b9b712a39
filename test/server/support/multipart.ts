export const boundary = 'BoUnDaRyStRiNg';
export const multipart = `multipart/form-data; boundary=${boundary}`;

export interface Part {
  name?: string;
  file?: string;
  type?: string;
  value: string | Buffer;
}

/** A multipart body as it comes over the wire; with another `end` one that breaks off. */
export function partsOf(parts: readonly Part[], end = `--${boundary}--\r\n`): Buffer {
  const bytes = parts.flatMap(({ name, file, type, value }) => [
    `--${boundary}\r\nContent-Disposition: form-data${name === undefined ? '' : `; name="${name}"`}${file === undefined ? '' : `; filename="${file}"`}\r\n`,
    type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  return Buffer.concat([...bytes, end].map((one) => Buffer.from(one)));
}
