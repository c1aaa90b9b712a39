import { describe, expect, it } from 'vitest';
import { isRiskyFile, safeFileName } from '../../../../../shared/nouns/activity/attachment-risk.ts';

const risky = (fileName: string, mediaType: string | null = null) => isRiskyFile({ fileName, mediaType });

describe('a file that can do something by itself', () => {
  it.each([
    'setup.exe',
    'SETUP.EXE',
    'invoice.pdf.scr',
    'run.sh',
    'macro.docm',
    'page.html',
    'trick.exe. ',
    'trick.e\u200bxe',
    'photo\u202egpj.exe',
    'C:\\x\\a.lnk',
    'exe',
  ])('%j is one by its name', (name) => expect(risky(name)).toBe(true));

  it('is one by its content, whatever it is called', () => {
    expect(risky('holiday.jpg', 'application/x-msdownload')).toBe(true);
    expect(risky('notes.txt', 'text/x-script')).toBe(true);
  });

  it.each(['offer.pdf', 'picture.jpeg', 'sheet.xlsx', 'letter.docx', 'notes.txt', 'archive.zip', 'exe.pdf', 'a.command.pdf', 'README'])(
    '%j is none',
    (name) => expect(risky(name, 'application/octet-stream')).toBe(false),
  );
});

describe('a safe name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['con.txt', '_con.txt'],
    ['offer\u202egpj.exe', 'offergpj.exe'],
    ['  .hidden. ', 'hidden'],
    ['a<b>:"c|?*.pdf', 'abc.pdf'],
    ['', 'file'],
    ['...', 'file'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(116)}.pdf`],
    ['Angebot Müller 2026.pdf', 'Angebot Müller 2026.pdf'],
  ])('of %j is %j', (name, expected) => expect(safeFileName(name)).toBe(expected));
});
