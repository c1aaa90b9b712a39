import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type FieldInfo, isAs, isReference, valueAt } from '../../../shared/nouns/field.ts';
import { type AnyView, referencesOf } from '../../api/records.ts';
import { Age } from '../../ui/age.tsx';
import { displayText } from '../../ui/field-text.ts';
import { TagList } from '../../ui/tag-list.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { moneyText } from '../invoices/money-text.ts';
import type { NounScreen } from './noun-screen.ts';
import classes from './cell.module.css';

/** One value in a list: short, on one line, with nothing where there is nothing. */
export function cellContent(field: FieldInfo, record: AnyView, tones: NounScreen['tones']): ReactNode {
  const value = valueAt(record, field.path);
  if (!isAs(record, field.when)) return null;
  if (isReference(field))
    return referencesOf(record, field)
      .map(({ name }) => name)
      .join(', ');
  if (field.secret === true) return displayText(field, value);
  if (value === null || value === '' || value === undefined) return null;
  switch (field.kind) {
    case 'boolean':
      // An own field that was of another kind before.
      if (typeof value !== 'boolean') return displayText({ ...field, kind: 'text' }, value);
      if (!value) return null;
      return field.path === 'isFollowUpOverdue' || field.path === 'isOverdue' ? (
        <span className={classes.overdue}>Overdue</span>
      ) : (
        <IconCheck size={15} className={classes.check} aria-label="Yes" role="img" />
      );
    case 'tags':
      return <TagList tags={value as string[]} isOneLine />;
    case 'choice': {
      const tone = tones[field.path]?.[String(value)];
      const text = nameBeside(field, record, displayText(field, value));
      return tone === undefined ? text : <ToneText tone={tone}>{text}</ToneText>;
    }
    case 'date':
      return isLate(field, record) ? <span className={classes.overdue}>{displayText(field, value)}</span> : displayText(field, value);
    case 'instant':
      return <Age instant={String(value)} />;
    case 'decimal':
      return 'currency' in record && field.group !== 'Own fields' ? moneyText(String(value), record.currency) : displayText(field, value);
    default:
      return displayText(field, value);
  }
}

/** What an activity is on, by its name too. */
function nameBeside(field: FieldInfo, record: AnyView, text: string): string {
  return field.path === 'about' && 'aboutName' in record && record.aboutName !== null ? `${text}: ${record.aboutName}` : text;
}

const lateDates = new Set(['dueDate', 'expectedCloseDate']);

/** A day that has passed with what it stands for still to do. */
function isLate(field: FieldInfo, record: AnyView): boolean {
  if (field.path === 'nextFollowUpDate') return 'isFollowUpOverdue' in record && record.isFollowUpOverdue;
  return lateDates.has(field.path) && 'isOverdue' in record && record.isOverdue;
}
