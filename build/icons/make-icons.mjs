// Draws the icon files of all systems from the two SVGs beside this script, with an installed Chromium and no network.
// Run it after changing an SVG (`node build/icons/make-icons.mjs`) and commit what it writes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '../setup.mjs';

await setup(import.meta.url);
const { chromium } = await import('@playwright/test');
const { findChromium } = await import('../chromium.mjs');

const folder = import.meta.dirname;
const detailed = readFileSync(join(folder, 'icon.svg'), 'utf8');
const small = readFileSync(join(folder, 'icon-small.svg'), 'utf8');

const browser = await chromium.launch({
  executablePath: (await findChromium()) ?? undefined,
  args: ['--disable-gpu', '--force-color-profile=srgb'],
});
const page = await browser.newPage();

/** A PNG of `size` pixels whose drawing fills `share` of it. Fine lines blur below 48 pixels, so those have a drawing of their own. */
async function png(size, share = 1) {
  await page.setViewportSize({ width: size, height: size });
  const side = Math.round(size * share);
  await page.setContent(
    `<style>html,body{margin:0;height:100%;background:transparent}body{display:grid;place-items:center}svg{width:${side}px;height:${side}px;display:block}</style>${size < 48 ? small : detailed}`,
  );
  return page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } });
}

/** Windows: a directory of sizes, then the PNGs themselves. */
function ico(images) {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let at = header.length;
  for (const [index, { size, bytes }] of images.entries()) {
    const entry = 6 + 16 * index;
    header.writeUInt8(size % 256, entry); // 256 is written as 0
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(bytes.length, entry + 8);
    header.writeUInt32LE(at, entry + 12);
    at += bytes.length;
  }
  return Buffer.concat([header, ...images.map(({ bytes }) => bytes)]);
}

/** macOS: blocks of type, length and PNG. */
function icns(images) {
  const blocks = images.flatMap(({ type, bytes }) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(bytes.length + 8, 4);
    return [head, bytes];
  });
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(8 + Buffer.concat(blocks).length, 4);
  return Buffer.concat([head, ...blocks]);
}

const linux = join(folder, 'linux');
rmSync(linux, { recursive: true, force: true });
mkdirSync(linux);
for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) writeFileSync(join(linux, `${size}x${size}.png`), await png(size));

const windows = [];
for (const size of [16, 24, 32, 48, 64, 128, 256]) windows.push({ size, bytes: await png(size) });
writeFileSync(join(folder, 'icon.ico'), ico(windows));

// Apple's grid leaves a margin: 824 of 1024.
const mac = [];
for (const [type, size] of [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
]) {
  mac.push({ type, bytes: await png(size, 824 / 1024) });
}
writeFileSync(join(folder, 'icon.icns'), icns(mac));
await browser.close();
console.log('The icons are written to build/icons.');
