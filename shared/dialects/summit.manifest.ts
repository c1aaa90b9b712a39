import { type ListPage, listPath, type Manifest, resourceIn, rowsOf, wholeNumber } from './manifest.ts';
import { summit } from './summit.ts';
import { isWire } from './wire.ts';

/**
 * Pages by number. `meta` may be text, and a large limit may be cut without a word: what `meta` says counts, not what was
 * asked. Only an order by something unique is the same on every page.
 */
function page(body: unknown, asked: Readonly<Record<string, string>>): ListPage | null {
  if (!isWire(body) || !isWire(body['meta'])) return null;
  const rows = rowsOf(body, ['data']);
  if (rows === null) return null;
  const { meta } = body;
  const [total, at, limit] = [
    wholeNumber(meta['total']),
    wholeNumber(meta['page']) ?? Number(asked['page'] ?? 1),
    wholeNumber(meta['limit']),
  ];
  const pages = wholeNumber(meta['pageCount']) ?? (total !== null && limit !== null && limit > 0 ? Math.ceil(total / limit) : null);
  if (pages === null && total === null) return null;
  const isLast = pages === null ? rows.length === 0 : at >= pages;
  return { rows, next: isLast ? null : { ...asked, page: String(at + 1) }, total };
}

export const summitManifest: Manifest = {
  kind: 'summit',
  edition: 'summit',
  label: summit.label,
  dialect: summit,
  signIn: ['token'],
  organisation: { in: 'nowhere' },
  resources: [
    resourceIn(summit, 'clients', {
      list: { path: listPath(summit, 'clients'), query: { page: '1', limit: '100', sort: 'id', order: 'asc' }, page },
      keys: [
        { members: ['email'], isUnique: true },
        { members: ['name', 'phone'], isUnique: false, unless: ['email'] },
        { members: ['name'], isUnique: false, unless: ['email', 'phone', 'address'] },
      ],
    }),
  ],
  limits: ['Each client’s e-mail is in use once.', 'What is deleted there is marked and kept.', 'An address is one text.'],
};
