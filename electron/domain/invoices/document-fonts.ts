/**
 * Which fonts a printed page asks for. Every system brings its own; a page names those of Windows, macOS and Linux, the
 * first that is there and has the letter is taken. One Chinese sign is drawn differently in Japan, Korea, Taiwan and on
 * the mainland: texts with such signs say their language (`languageOf`), and get the fonts of that one.
 */
const latin = ['Segoe UI', 'Helvetica Neue', 'Noto Sans', 'DejaVu Sans', 'Liberation Sans', 'Arial'];

const ofLanguage: Readonly<Record<string, readonly string[]>> = {
  ja: [
    'Yu Gothic UI',
    'Yu Gothic',
    'Meiryo',
    'Hiragino Sans',
    'Hiragino Kaku Gothic ProN',
    'Noto Sans CJK JP',
    'Noto Sans JP',
    'IPAGothic',
  ],
  ko: ['Malgun Gothic', 'Apple SD Gothic Neo', 'Noto Sans CJK KR', 'Noto Sans KR', 'NanumGothic'],
  'zh-Hans': ['Microsoft YaHei UI', 'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Micro Hei'],
  'zh-Hant': ['Microsoft JhengHei UI', 'Microsoft JhengHei', 'PingFang TC', 'Noto Sans CJK TC', 'Noto Sans TC', 'WenQuanYi Micro Hei'],
};

/** Letters that no other writing shares: their fonts can stand behind the Latin ones, for whoever needs them. */
const ofScripts = Object.values({
  arabicAndHebrew: ['SF Arabic', 'Geeza Pro', 'Noto Sans Arabic', 'Noto Naskh Arabic', 'Arial Hebrew', 'Noto Sans Hebrew'],
  thaiAndDevanagari: ['Leelawadee UI', 'Thonburi', 'Noto Sans Thai', 'Nirmala UI', 'Kohinoor Devanagari', 'Noto Sans Devanagari'],
  signs: ['Segoe UI Symbol', 'Segoe UI Emoji', 'Apple Color Emoji', 'Noto Color Emoji'],
}).flat();

/**
 * The fonts of a text, by its language. The system's own choice comes first where any will do; where it would decide how a
 * Chinese sign is drawn it does not come at all.
 */
export function fontsOf(language: string | null): string {
  const east = language === null ? undefined : ofLanguage[language];
  const names = [...latin, ...(east ?? []), ...ofScripts].map((name) => `"${name}"`).join(', ');
  return `${east === undefined ? 'system-ui, ' : ''}${names}, sans-serif`;
}

/** Style rules that give texts of a language its fonts. */
export function languageFonts(): string {
  return Object.keys(ofLanguage)
    .map((language) => `:lang(${language}) { font-family: ${fontsOf(language)}; }`)
    .join('\n');
}

const byCountry: Readonly<Record<string, string>> = {
  JP: 'ja',
  KR: 'ko',
  KP: 'ko',
  CN: 'zh-Hans',
  SG: 'zh-Hans',
  MY: 'zh-Hans',
  TW: 'zh-Hant',
  HK: 'zh-Hant',
  MO: 'zh-Hant',
};

/**
 * The language of a text that has signs of East Asia; null for all others, which need none said. Kana are Japanese and
 * Hangul is Korean. Chinese signs alone are read as `among`, the texts they stand with, then as the country's, then as
 * the person's own language, and last as simplified Chinese.
 */
export function languageOf(text: string, among: { texts?: readonly string[]; country?: string | null; locale: string }): string | null {
  const own = scriptLanguage(text);
  if (own !== null || !/\p{Script=Han}/u.test(text)) return own;
  const around = scriptLanguage((among.texts ?? []).join(' '));
  if (around !== null) return around;
  const country = byCountry[(among.country ?? '').trim().toUpperCase()];
  if (country !== undefined) return country;
  const { language, script, region } = new Intl.Locale(among.locale).maximize();
  if (language === 'ja' || language === 'ko') return language;
  if (language === 'zh') return `zh-${script ?? 'Hans'}`;
  return byCountry[region ?? ''] ?? 'zh-Hans';
}

function scriptLanguage(text: string): string | null {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  return /\p{Script=Bopomofo}/u.test(text) ? 'zh-Hant' : null;
}
