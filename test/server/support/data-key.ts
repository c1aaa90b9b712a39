/** The key that tests seal with. */
export const dataKey = Buffer.alloc(32, 7).toString('base64');
