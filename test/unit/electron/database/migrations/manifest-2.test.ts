import { expect, it } from 'vitest';
import { manifest2 } from '../../../../../electron/database/migrations/manifest-2.ts';

it('says the rows of all nouns together, and that these databases have the first form', () => {
  const first = { token: 't', appliedSeq: 9, counts: { clients: 4, contacts: 3, operations: 9 } };
  const other = { token: 'u', appliedSeq: 2, counts: { clients: 1, operations: 2 } };
  const rest = { newestStamp: 's', chromiumMajor: 156, appVersion: '0.1.0' };
  expect(manifest2({ ...first, format: 1, others: [other], ...rest })).toEqual({
    token: 't',
    appliedSeq: 9,
    counts: { records: 7, operations: 9 },
    databaseForm: 1,
    others: [{ token: 'u', appliedSeq: 2, counts: { records: 1, operations: 2 }, databaseForm: 1 }],
    format: 2,
    ...rest,
  });
});

it('takes one from before other browsers were remembered, and an empty database', () => {
  expect(manifest2({ token: 't', appliedSeq: 0, counts: {}, format: 1 })).toEqual({
    token: 't',
    appliedSeq: 0,
    counts: { records: 0, operations: 0 },
    databaseForm: 1,
    others: [],
    format: 2,
  });
});
