// Takes out of node_modules whatever the server does not reach: the app's screens and its database are most of it.
// Runs where package-lock.json, node_modules, remotes/, server/ and shared/ lie; imports nothing but Node's own.
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Places in the lock ("node_modules/a/node_modules/b") that the server's sources reach by their imports.
 * @param {string} root
 * @returns {string[]}
 */
export function serverPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const reached = new Set();
  const waiting = [...importedBy(root, ['remotes', 'server', 'shared'])].map((name) => ({ from: '', name, isOptional: false }));
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const place = placeOf(packages, at.from, at.name);
    if (place === null && !at.isOptional) throw new Error(`The server imports ${at.name}, which package-lock.json does not have`);
    if (place === null || reached.has(place)) continue;
    if (packages[place].dev) throw new Error(`The server imports ${at.name}, which is there for development only`);
    reached.add(place);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[place];
    for (const name of Object.keys(dependencies)) waiting.push({ from: place, name, isOptional: name in optionalDependencies });
    for (const name of Object.keys({ ...optionalDependencies, ...peerDependencies })) waiting.push({ from: place, name, isOptional: true });
  }
  return [...reached];
}

/** As Node looks for it: beside the importer, then one folder up and another. */
function placeOf(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === '') return null;
  }
}

function importedBy(root, folders) {
  const names = new Set();
  for (const folder of folders) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const source = readFileSync(join(root, folder, file), 'utf8');
      // Types are no more when the server runs.
      for (const [, type, name] of source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^'./][^']*)';/gms))
        if (type === undefined && !name.startsWith('node:')) names.add(packageOf(name));
      for (const [, name] of source.matchAll(/(?:import\(|^import )'([^'./][^']*)'/gm))
        if (!name.startsWith('node:')) names.add(packageOf(name));
    }
  }
  return names;
}

const packageOf = (name) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

/** Packages on the disk, nested ones after those they lie in. */
function installed(root, folder = 'node_modules') {
  const found = [];
  for (const { name } of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (name.startsWith('.')) continue;
    const places = name.startsWith('@')
      ? readdirSync(join(root, folder, name)).map((own) => `${folder}/${name}/${own}`)
      : [`${folder}/${name}`];
    for (const place of places) {
      found.push(place);
      if (existsSync(join(root, place, 'node_modules'))) found.push(...installed(root, `${place}/node_modules`));
    }
  }
  return found;
}

if (realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  const root = process.cwd();
  const kept = new Set(serverPackages(root));
  const gone = installed(root).filter((place) => !kept.has(place));
  for (const place of gone) rmSync(join(root, place), { recursive: true, force: true });
  for (const place of gone) {
    const scope = dirname(join(root, place));
    if (existsSync(scope) && readdirSync(scope).length === 0) rmSync(scope, { recursive: true });
  }
  rmSync(join(root, 'node_modules', '.bin'), { recursive: true, force: true });
  console.log(`${kept.size} packages of the server are kept, ${gone.length} of the app are gone.`);
}
