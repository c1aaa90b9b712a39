import { defineNoun } from '../define-noun.ts';
import {
  type ActivityRecord,
  activityFieldInfo,
  activityRecordFieldsSchema,
  activityAbout,
  activityRecordSchema,
  activityTitle,
} from './activity.ts';

export const activityNoun = defineNoun({
  singular: 'activity',
  plural: 'activities',
  schema: activityRecordSchema,
  fieldsSchema: activityRecordFieldsSchema,
  fields: activityFieldInfo,
  needed: { kind: 'comment', about: 'clients', aboutId: '' },
  title: (record: ActivityRecord) => activityTitle(record),
  titlePath: 'time',
  isNewestFirst: true,
  parents: { aboutId: { namedBy: 'about', of: activityAbout } },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'parents',
  writtenBy: 'author',
  deletedBy: 'author',
  hasTags: false,
  board: null,
  imported: { prefix: 'activity', label: 'Activity', noteField: null },
});
