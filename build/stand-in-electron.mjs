import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesFolder } from './paths.mjs';

/** Electron's fuses in their factory states, as they stand in the program file: a mark, version, count, one character each. */
const fuseWire = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('101100011')]);
const script = '#!/bin/sh\necho "This is a stand-in: it was packed without the Electron runtime and cannot run." >&2\nexit 70\n';

/**
 * A folder that electron-builder takes for an unpacked Electron, where the real one is not to be had. What is packed
 * around it can be looked at (the app's files, fuses, integrity, desktop entries) but not run.
 */
export async function makeStandIn(folder, system = 'linux') {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (system === 'darwin') makeForMac(folder);
  else if (system === 'win32') await makeForWindows(folder);
  else makeForLinux(folder);
  return folder;
}

function makeForLinux(folder) {
  put(folder, 'electron', Buffer.concat([Buffer.from(script), fuseWire, Buffer.from('\n')]), 0o755);
  put(folder, 'chrome-sandbox', script, 0o755);
  putNotices(folder);
}

async function makeForWindows(folder) {
  // Any small program will do that has a version resource, which electron-builder fills in.
  const { NtExecutable, NtExecutableResource, Resource } = await import('resedit');
  const program = NtExecutable.from(readFileSync(join(modulesFolder, 'electron-winstaller/vendor/StubExecutable.exe')), {
    ignoreCert: true,
  });
  const resources = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.setStringValues(
    { lang: 1033, codepage: 1200 },
    { FileDescription: 'stand-in', ProductName: 'stand-in', OriginalFilename: 'electron.exe' },
  );
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  put(folder, 'electron.exe', Buffer.concat([Buffer.from(program.generate()), fuseWire]));
  putNotices(folder);
}

function makeForMac(folder) {
  const contents = join(folder, 'Electron.app/Contents');
  const framework = 'Frameworks/Electron Framework.framework';
  const programs = { Electron: 'MacOS/Electron' };
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    const name = `Electron Helper${kind}`;
    put(contents, `Frameworks/${name}.app/Contents/Info.plist`, plist(name));
    programs[name] = `Frameworks/${name}.app/Contents/MacOS/${name}`;
  }
  put(contents, 'Info.plist', plist('Electron'));
  for (const file of Object.values(programs)) put(contents, file, script, 0o755);
  put(contents, `${framework}/Electron Framework`, Buffer.concat([Buffer.from(script), fuseWire, Buffer.from('\n')]), 0o755);
  // Empty folders are not copied.
  put(contents, `${framework}/Versions/A/Resources/en.lproj/stand-in`, '');
  put(contents, 'Resources/electron.icns', '');
  putNotices(folder);
}

function plist(name) {
  const values = {
    CFBundleExecutable: name,
    CFBundleIdentifier: 'com.github.Electron',
    CFBundleName: name,
    CFBundlePackageType: 'APPL',
    CFBundleVersion: '0',
  };
  const lines = Object.entries(values).map(([key, value]) => `<key>${key}</key><string>${value}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>${lines.join('')}</dict></plist>\n`;
}

function putNotices(folder) {
  for (const name of ['version', 'LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak']) put(folder, name, 'stand-in\n');
}

function put(folder, name, content, mode = 0o644) {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
}
