import { describe, expect, it } from 'vitest';
import { computeTask, taskFieldsSchema } from '../../../../../shared/nouns/task/task.ts';

describe('A task', () => {
  it('may be about no client', () => {
    expect(taskFieldsSchema.parse({ title: 'Order badges' })).toMatchObject({ clientId: null, status: 'new', priority: 'medium' });
  });

  it('is overdue from the day after it is due, unless it is done', () => {
    expect(computeTask({ status: 'new', dueDate: '2024-05-03' }, '2024-05-03').isOverdue).toBe(false);
    expect(computeTask({ status: 'new', dueDate: '2024-05-03' }, '2024-05-04').isOverdue).toBe(true);
    expect(computeTask({ status: 'completed', dueDate: '2024-05-03' }, '2024-05-04').isOverdue).toBe(false);
  });
});
