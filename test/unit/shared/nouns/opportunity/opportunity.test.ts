import { describe, expect, it } from 'vitest';
import { closedOnAfter, computeOpportunity, opportunityFieldsSchema } from '../../../../../shared/nouns/opportunity/opportunity.ts';

const deal = (fields: object) => opportunityFieldsSchema.parse({ clientId: 'acme', name: 'Depot cleaning', ...fields });

describe('An opportunity', () => {
  it('starts in qualification with nothing promised', () => {
    expect(deal({})).toMatchObject({ stage: 'qualification', amount: null, currency: 'USD', probability: 0, contactIds: [] });
  });

  it('weighs its amount by its probability, in whole minor units', () => {
    expect(computeOpportunity(deal({ amount: '1000.10', probability: 33 }), '2024-05-03').weightedAmount).toBe('330.03');
    expect(computeOpportunity(deal({ amount: '999', currency: 'JPY', probability: 50 }), '2024-05-03').weightedAmount).toBe('500');
    expect(computeOpportunity(deal({ probability: 50 }), '2024-05-03').weightedAmount).toBeNull();
  });

  it('is overdue from the day after it was expected to close, while it is open', () => {
    const late = deal({ expectedCloseDate: '2024-05-03' });
    expect(computeOpportunity(late, '2024-05-03').isOverdue).toBe(false);
    expect(computeOpportunity(late, '2024-05-04').isOverdue).toBe(true);
    expect(computeOpportunity({ ...late, stage: 'closed_won' }, '2024-05-04')).toMatchObject({ isOpen: false, isOverdue: false });
  });

  it('remembers the first day it closed, and forgets it when it opens again', () => {
    expect(closedOnAfter({ closedOn: null }, 'closed_won', '2024-05-03')).toBe('2024-05-03');
    expect(closedOnAfter({ closedOn: '2024-05-01' }, 'closed_lost', '2024-05-03')).toBe('2024-05-01');
    expect(closedOnAfter({ closedOn: '2024-05-01' }, 'negotiation', '2024-05-03')).toBeNull();
  });

  it('refuses a probability above a hundred', () => {
    expect(opportunityFieldsSchema.safeParse({ clientId: 'a', name: 'b', probability: 101 }).success).toBe(false);
  });
});
