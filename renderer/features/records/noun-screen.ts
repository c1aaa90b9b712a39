import type { ReactNode } from 'react';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { AnyView } from '../../api/records.ts';

export type Tone = 'green' | 'blue' | 'amber' | 'red' | 'gray' | 'violet' | 'cyan' | 'indigo' | 'pink' | 'teal';

/** What one noun brings to the screens that all nouns share. */
export interface NounScreen {
  noun: NounName;
  /** "Clients": in the navigation and above the list. */
  title: string;
  icon: ReactNode;
  /** What the place is for, while it is empty. */
  purpose: string;
  /** Fields of the form for a new record; all others are one click further. None where records are made elsewhere. */
  formFields: readonly string[];
  /** The fields an open record shows, where that is not every field of the noun. */
  hasField?: (record: AnyView, path: string) => boolean;
  /** Fields that this record keeps as they are. */
  isFixed?: (record: AnyView, path: string) => boolean;
  /** What it has beside its fields, above them. */
  Body?: (props: { record: AnyView }) => ReactNode;
  /** Columns that stay in sight while a list is moved sideways, as far as the list has them: how somebody is got hold of, and when. */
  keptColumns?: readonly string[];
  /** Colours of choices, by field path and key: a dot beside the words, never colour alone. */
  tones: Readonly<Record<string, Readonly<Record<string, Tone>>>>;
  /** The line under the title of an open record. */
  Facts: (props: { record: AnyView }) => ReactNode;
}
