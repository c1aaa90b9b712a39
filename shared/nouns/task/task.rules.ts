import type { Task } from './task.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const taskRules: RecordRules<Task> = {
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('records.clientOfTaskUnknown'),
    },
  ],
};
