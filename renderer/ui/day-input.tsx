import { TextInput } from '@mantine/core';
import type { Ref } from 'react';
import { readDay } from './day-text.ts';
import { formatDay } from './field-text.ts';

/** What a person means with what stands in the field: a day, none, or nothing that can be understood. */
export interface MeantDay {
  /** Null for no date. */
  day: string | null;
  /** Why it cannot be taken, in a sentence. */
  problem: string | null;
}

/** @param typed null while nobody typed: what is proposed is meant */
export function meantDay(typed: string | null, proposed: string | null, today: string): MeantDay {
  const read = typed === null ? { day: proposed } : readDay(typed, today);
  if (read === null) return { day: null, problem: 'This is no day. Write "fri", "in 2 weeks", "3/12" or "none".' };
  const isPast = read.day !== null && read.day < today;
  return { day: read.day, problem: isPast ? 'This day is over. Choose one from today on.' : null };
}

interface DayInputProps {
  label: string;
  className?: string | undefined;
  inputRef?: Ref<HTMLInputElement>;
  typed: string | null;
  onTyped: (typed: string) => void;
  proposed: string | null;
  today: string;
}

/** A day in the words of a person; what it is taken for stands below. */
export function DayInput({ label, className, inputRef, typed, onTyped, proposed, today }: DayInputProps) {
  const { day, problem } = meantDay(typed, proposed, today);
  const taken = day === null ? 'No date' : typed === null ? 'Proposed. Type "fri", "in 2 weeks", "3/12" or "none"' : formatDay(day);
  return (
    <TextInput
      {...(inputRef === undefined ? {} : { ref: inputRef })}
      className={className}
      label={label}
      description={problem === null ? taken : undefined}
      error={problem}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={typed ?? (proposed === null ? 'none' : formatDay(proposed))}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => onTyped(event.currentTarget.value)}
    />
  );
}
