import fc from 'fast-check';
import { expect, it } from 'vitest';
import { htmlOfText, isPlainHtml, textOfHtml } from '../../../../../shared/nouns/activity/email-text.ts';

it('keeps lines, spaces and every sign of a text', () => {
  const text = 'Dear Grace,\n\n  rye:   2 < 3 & "fresh"\n\tit\'s &amp; here\nAda';
  expect(textOfHtml(htmlOfText(text))).toBe(text);
  expect(htmlOfText('a\r\nb\rc')).toBe('<div>a<br>\nb<br>\nc</div>');
  expect(htmlOfText('  \n ')).toBe('');
});

it('is the same text again whatever was typed, and has no mark that was typed', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: fc.constantFrom('<', '&', ' ', '\n', 'nbsp;', '<br>', '\u00a0', 'a', '\t') }),
      ),
      (typed) => {
        const text = typed.replaceAll('\r', '').trim();
        const html = htmlOfText(text);
        expect(textOfHtml(html)).toBe(text.replaceAll(/[\u2028\u2029]/g, '\n').trim());
        expect(html === '' || isPlainHtml(html)).toBe(true);
        expect(html.replaceAll(/<\/?div>|<br>/g, '')).not.toMatch(/[<>]/);
      },
    ),
  );
});

it('lets nothing act that was pasted', () => {
  expect(htmlOfText('<script>alert(1)</script><img src=x onerror=alert(1)>')).not.toContain('<script');
  expect(htmlOfText('<img src=x>')).toBe('<div>&lt;img src=x&gt;</div>');
});

it('reads the text of a page that came from elsewhere, and knows that its form would be lost', () => {
  const html = '<style>p{color:red}</style><p>Dear <b>valued</b>\n client&hellip;</p><ul><li>One &#233;</li><li>Two</li></ul>';
  expect(textOfHtml(html)).toBe('Dear valued client&hellip;\n\nOne é\nTwo');
  expect(isPlainHtml(html)).toBe(false);
});
