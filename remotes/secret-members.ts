import type { Manifest } from '../shared/dialects/manifest.ts';
import type { NounName } from '../shared/nouns/nouns.ts';
import { secretPartsOf } from '../shared/nouns/secret.ts';

/** Book paths of a resource's secret values. */
export function secretPaths(manifest: Manifest, name: string): readonly string[] {
  const resource = manifest.resources.find((one) => one.name === name);
  if (resource === undefined) return [];
  return [...secretPartsOf(resource.of as NounName)].flatMap(([top, parts]) => parts.map((part) => `${top}.${part}`));
}

/** The same as wire paths: what stands there is kept in no other place than the sealed fields of the book. */
export function secretMembers(manifest: Manifest, name: string): readonly string[] {
  const resource = manifest.resources.find((one) => one.name === name);
  const paths = new Set(secretPaths(manifest, name));
  const members = [...(resource?.merge.answer.members ?? []), ...(resource?.create?.members ?? [])];
  return [...new Set(members.flatMap((member) => (member.kind === 'value' && paths.has(member.book) ? [member.wire] : [])))];
}
