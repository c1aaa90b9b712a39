import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Hooks of electron-builder, found by their names (electron-builder.yml).

/** False: the app brings no node_modules, because everything is bundled. Else electron-builder packs those of the checkout. */
export function beforeBuild() {
  return false;
}

/**
 * A runtime that is taken unpacked (`electronDist`) still holds Electron's own demonstration app and version note, which
 * electron-builder removes from its own downloads only.
 */
export function afterExtract({ appOutDir, electronPlatformName }) {
  const resources =
    electronPlatformName === 'darwin' ? join(appOutDir, 'Electron.app', 'Contents', 'Resources') : join(appOutDir, 'resources');
  rmSync(join(resources, 'default_app.asar'), { force: true });
  rmSync(join(appOutDir, 'version'), { force: true });
}

/** electron-builder allows every insecure connection in the macOS app, whatever the configuration says. Fieldbook needs none. */
export function afterPack({ appOutDir, electronPlatformName, packager }) {
  if (electronPlatformName !== 'darwin') return;
  const file = join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents', 'Info.plist');
  const text = readFileSync(file, 'utf8');
  const closed = text.replace(/(<key>NSAllowsArbitraryLoads<\/key>\s*)<true\/>/, '$1<false/>');
  if (closed === text) throw new Error(`Info.plist no longer holds NSAllowsArbitraryLoads as expected: ${file}`);
  writeFileSync(file, closed);
}
