import { expect, it } from 'vitest';
import { webAddress } from '../../../../renderer/ui/web-address.ts';

it.each([
  ['example.com', 'https://example.com'],
  ['http://example.com/a', 'https://example.com/a'],
  ['HTTPS://Example.com', 'https://Example.com'],
  ['localhost:8080/x', 'https://localhost:8080/x'],
])('a website written as %s opens as %s', (text, address) => {
  expect(webAddress(text)).toBe(address);
});

it.each(['', '  ', 'javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'no address at all'])('%j is not opened', (text) => {
  expect(webAddress(text)).toBeNull();
});
