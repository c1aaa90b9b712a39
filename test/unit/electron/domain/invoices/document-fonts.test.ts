import { describe, expect, it } from 'vitest';
import { fontsOf, languageFonts, languageOf } from '../../../../../electron/domain/invoices/document-fonts.ts';
import { invoiceDocument } from '../../../../../electron/domain/invoices/invoice-document.ts';
import { printedInvoice } from '../../../../support/printed-invoice.ts';

const german = { locale: 'de-DE' };

describe('the language of a text', () => {
  it('is said where its letters are of East Asia, and of nothing else', () => {
    for (const text of ['Bäckerei Łódź', 'فحص', 'בדיקה', 'ตรวจสอบ', '12.50', '']) expect(languageOf(text, german)).toBeNull();
    expect(languageOf('点検サービス', german)).toBe('ja');
    expect(languageOf('정기 점검', german)).toBe('ko');
    expect(languageOf('ㄅㄆㄇ', german)).toBe('zh-Hant');
  });

  it('of Chinese signs alone follows from what stands around them, the country, and the person', () => {
    expect(languageOf('直骨', { ...german, texts: ['東京ホール'] })).toBe('ja');
    expect(languageOf('直骨', { ...german, texts: ['Tower'], country: 'jp' })).toBe('ja');
    expect(languageOf('直骨', { ...german, country: 'TW' })).toBe('zh-Hant');
    expect(languageOf('直骨', { locale: 'ja-JP' })).toBe('ja');
    expect(languageOf('直骨', { locale: 'zh-HK' })).toBe('zh-Hant');
    expect(languageOf('直骨', { locale: 'zh-CN' })).toBe('zh-Hans');
    expect(languageOf('直骨', { locale: 'en-HK' })).toBe('zh-Hant');
    expect(languageOf('直骨', { ...german, country: 'Atlantis' })).toBe('zh-Hans');
  });
});

describe('the fonts of a page', () => {
  it('name what Windows, macOS and Linux bring along for each language, and end in the system’s own choice', () => {
    const systems = {
      ja: ['Yu Gothic', 'Hiragino Sans', 'Noto Sans CJK JP'],
      ko: ['Malgun Gothic', 'Apple SD Gothic Neo', 'Noto Sans CJK KR'],
      'zh-Hans': ['Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC'],
      'zh-Hant': ['Microsoft JhengHei', 'PingFang TC', 'Noto Sans CJK TC'],
    };
    for (const [language, names] of Object.entries(systems)) {
      const fonts = fontsOf(language);
      for (const name of names) expect(fonts).toContain(`"${name}"`);
      expect(fonts.startsWith('system-ui'), 'the interface font of another language would draw the signs its own way').toBe(false);
      expect(fonts.endsWith('sans-serif')).toBe(true);
      expect(languageFonts()).toContain(`:lang(${language})`);
    }
    for (const name of ['Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Geeza Pro', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Nirmala UI'])
      expect(fontsOf(null)).toContain(`"${name}"`);
    expect(fontsOf(null)).not.toContain('CJK');
  });

  it('are those of each text on an invoice', () => {
    const html = invoiceDocument(
      printedInvoice({
        lines: [{ description: '水质检测' }, { description: 'Visit' }, { description: 'فحص المعدات' }],
        client: '株式会社山田商店',
        address: { city: '東京', country: 'JP' },
        company: '北京水质检测有限公司',
        locale: 'en-GB',
      }),
    );
    expect(html).toContain('<td dir="auto" lang="zh-Hans">水质检测</td>');
    expect(html).toContain('<td dir="auto">Visit</td>');
    expect(html).toContain('<td dir="auto">فحص المعدات</td>');
    expect(html).toContain('<strong dir="auto" lang="ja">株式会社山田商店</strong>');
    expect(html).toMatch(/@bottom-left \{[^}]*"Noto Sans CJK SC"/);
    expect(html).toContain('<html lang="en">');
  });
});
