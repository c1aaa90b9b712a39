import type { Task } from './task.ts';
import type { RecordRules } from '../record-rules.ts';

export const taskRules: RecordRules<Task> = {
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      message: 'The client of this task is not in the book. Choose another client, or none.',
    },
  ],
};
