import { describe, expect, it } from 'vitest';
import { caseClosedOnAfter, caseFieldsSchema, isCaseOpen } from '../../../../../shared/nouns/case/case.ts';

describe('A case', () => {
  it('starts new, of normal priority', () => {
    expect(caseFieldsSchema.parse({ clientId: 'acme', name: 'Lost key' })).toMatchObject({
      status: 'new',
      priority: 'normal',
      caseType: null,
      closedOn: null,
    });
  });

  it('is open until it is closed, rejected or a duplicate', () => {
    const open = (['new', 'assigned', 'pending', 'closed', 'rejected', 'duplicate'] as const).map(isCaseOpen);
    expect(open).toEqual([true, true, true, false, false, false]);
  });

  it('remembers the day it closed until it opens again', () => {
    expect(caseClosedOnAfter({ closedOn: null }, 'closed', '2024-05-03')).toBe('2024-05-03');
    expect(caseClosedOnAfter({ closedOn: '2024-05-01' }, 'rejected', '2024-05-03')).toBe('2024-05-01');
    expect(caseClosedOnAfter({ closedOn: '2024-05-01' }, 'pending', '2024-05-03')).toBeNull();
  });
});
