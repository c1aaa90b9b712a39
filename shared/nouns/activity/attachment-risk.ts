import { withoutEnd, withoutStart } from '../../lib/text.ts';

/**
 * Files that can do something by themselves when the system opens them. The list names what people are sent in bad
 * faith; what is not in it is opened without a question, so when in doubt an ending stands here.
 */
const programEndings: ReadonlySet<string> = new Set(
  [
    // Programs and installers
    'exe com scr pif cpl msi msp msix msixbundle appx appxbundle appinstaller gadget application xbap xll wll dll sys ocx drv',
    'app dmg pkg mpkg deb rpm run bin elf appimage flatpakref snap apk ipa jar jnlp air iso img vhd vhdx udf',
    // Scripts
    'bat cmd ps1 ps1xml ps2 psc1 psd1 psm1 vb vbs vbe js jse mjs cjs ws wsf wsc wsh sct hta sh bash zsh csh ksh fish command tool',
    'py pyc pyw pyz rb pl php lua tcl scpt scptd applescript workflow action osa au3 ahk kix',
    // What leads to one of those, or changes the system
    'lnk url website webloc desktop inetloc fileloc library-ms search-ms searchconnector-ms settingcontent-ms reg inf ins isp job msc scf',
    'diagcab theme themepack mht mhtml html htm xhtml shtml chm hlp mde accde mad maf mag mam maq mar mas mat mav maw one',
    // Documents that carry programs
    'docm dotm xlsm xltm xlsb xlam xla pptm potm ppsm ppam ppa sldm slk iqy rqy oqy dqy wbk pub',
  ].flatMap((line) => line.split(' ')),
);

/** Sniffed from the content (electron/database/attachments.ts), whatever the name says. */
const programTypes: ReadonlySet<string> = new Set([
  'application/x-msdownload',
  'application/vnd.microsoft.portable-executable',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-msi',
  'application/x-apple-diskimage',
  'application/x-deb',
  'application/x-rpm',
  'application/x-ms-shortcut',
  'application/x.ms.shortcut',
  'application/x.apple.alias',
  'application/java-vm',
  'application/java-archive',
  'application/vnd.android.package-archive',
  'application/wasm',
  'application/x-nintendo-nes-rom',
  'application/x-iso9660-image',
  'application/vnd.ms-word.document.macroenabled.12',
  'application/vnd.ms-word.template.macroenabled.12',
  'application/vnd.ms-excel.sheet.macroenabled.12',
  'application/vnd.ms-excel.template.macroenabled.12',
  'application/vnd.ms-powerpoint.presentation.macroenabled.12',
  'application/vnd.ms-powerpoint.slideshow.macroenabled.12',
  'application/vnd.ms-powerpoint.template.macroenabled.12',
  'application/x-chrome-extension',
  'application/x-xpinstall',
  'application/x-shockwave-flash',
  'text/x-script',
  'text/html',
]);

/** True for programs, scripts and what leads to them: by the content, and by the name that the system goes by. */
export function isRiskyFile(file: { fileName: string; mediaType: string | null }): boolean {
  return programEndings.has(endingOf(file.fileName)) || programTypes.has((file.mediaType ?? '').toLowerCase());
}

/** Systems pass over points and spaces at the end of a name, and characters nobody sees. */
function endingOf(fileName: string): string {
  const plain = safeFileName(fileName);
  return plain.slice(plain.lastIndexOf('.') + 1).toLowerCase();
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;
const nameLength = 120;

/**
 * A name under which any system keeps a file, that reads the way it works: no path, nothing unseen, and nothing that
 * turns the writing direction so that "gpj.exe" reads as "exe.jpg".
 */
export function safeFileName(fileName: string): string {
  const last = fileName.split(/[/\\]/).at(-1) ?? '';
  const shown = last
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}<>:"|?*]/gu, '')
    .replace(/\s+/g, ' ');
  const clean = withoutStart(withoutEnd(shown, '. '), '. ');
  if (clean === '') return 'file';
  const named = reserved.test(clean) ? `_${clean}` : clean;
  const points = [...named];
  if (points.length <= nameLength) return named;
  const dot = named.lastIndexOf('.');
  const ending = dot > 0 && named.length - dot <= 20 ? named.slice(dot) : '';
  return `${points
    .slice(0, nameLength - ending.length)
    .join('')
    .trimEnd()}${ending}`;
}
