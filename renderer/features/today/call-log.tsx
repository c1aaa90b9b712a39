import { Button, NativeSelect, Textarea } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { type CallOutcome, callOutcomes } from '../../../shared/nouns/activity/activity.ts';
import { proposedFollowUp } from '../../../shared/nouns/activity/follow-up-day.ts';
import type { ContactView } from '../../../shared/contracts/record.contract.ts';
import { useChildren } from '../../api/records.ts';
import { logCall } from '../../api/today.ts';
import { DayInput, meantDay } from '../../ui/day-input.tsx';
import { formatDay } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { showDone } from '../history/undo.tsx';
import { useAction } from '../keys/actions.ts';
import classes from './today.module.css';

/** Spoken to somebody who is no contact. */
const nobody = '';
const outcomes = Object.entries(callOutcomes) as [CallOutcome, string][];

interface CallLogProps {
  clientId: string;
  contactId: string | null;
  today: string;
  nextTitle: string | null;
  onDone: () => void;
}

/** A call in four keys: L, the outcome by its number, the next day if another than the proposed one is meant, Enter. */
export function CallLog({ clientId, contactId: primaryId, today, nextTitle, onDone }: CallLogProps) {
  const [outcome, setOutcome] = useState<CallOutcome>('reached');
  const [typed, setTyped] = useState<string | null>(null);
  const [body, setBody] = useState('');
  const [chosenId, setChosenId] = useState<string | null>(null);
  const contacts = (useChildren('contacts', clientId).data?.rows ?? []).filter((row) => row.deletedAt === null) as ContactView[];
  const contactId = chosenId === nobody ? null : (chosenId ?? primaryId);
  const [isSaving, setIsSaving] = useState(false);
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const next = useRef<HTMLInputElement>(null);
  useAction('logCall', () => buttons.current[outcomes.findIndex(([key]) => key === outcome)]?.focus());

  const proposed = proposedFollowUp(outcome, today);
  const meant = meantDay(typed, proposed, today);

  const pick = (key: CallOutcome) => {
    setOutcome(key);
    next.current?.focus();
    // The proposal is there after this render, selected: what is typed replaces it.
    requestAnimationFrame(() => next.current?.select());
  };
  const save = async () => {
    if (isSaving) return;
    if (meant.problem !== null) {
      next.current?.focus();
      return;
    }
    setIsSaving(true);
    const result = await logCall({ clientId, outcome, contactId, body: body.trim() === '' ? null : body.trim(), next: meant.day });
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    const when = meant.day === null ? 'no next date' : `next ${formatDay(meant.day)}`;
    showDone(
      `Call logged: ${callOutcomes[outcome].toLowerCase()}, ${when}.`,
      result.value.operationId === null ? [] : [result.value.operationId],
    );
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onDone();
    else if (event.key === 'Enter' && (event.target === next.current || event.ctrlKey || event.metaKey)) void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onOutcomeKey = (event: KeyboardEvent) => {
    const at = outcomes.findIndex(([key]) => key === outcome);
    const number = Number(event.key);
    const byNumber = event.ctrlKey || event.altKey || event.metaKey ? undefined : outcomes[number - 1];
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const stepped = outcomes[(at + step + outcomes.length) % outcomes.length];
    if (byNumber !== undefined) pick(byNumber[0]);
    else if (step !== 0 && stepped !== undefined) {
      setOutcome(stepped[0]);
      buttons.current[(at + step + outcomes.length) % outcomes.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the fields inside are what is interactive
    <section className={classes.log} aria-label="Log the call" onKeyDown={onKeyDown}>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its buttons have the focus */}
      <div className={classes.outcomes} role="radiogroup" aria-label="Outcome" onKeyDown={onOutcomeKey}>
        {outcomes.map(([key, label], index) => (
          <button
            key={key}
            ref={(element) => {
              buttons.current[index] = element;
            }}
            type="button"
            role="radio"
            aria-checked={key === outcome}
            tabIndex={key === outcome ? 0 : -1}
            className={classes.outcome}
            onClick={() => pick(key)}
          >
            <Shortcut keys={String(index + 1)} /> {label}
          </button>
        ))}
      </div>
      <div className={classes.logRow}>
        {contacts.length === 0 ? null : (
          <NativeSelect
            label="With"
            data={[...contacts.map(({ id, name }) => ({ value: id, label: name })), { value: nobody, label: 'Somebody else' }]}
            value={contactId ?? nobody}
            onChange={(event) => setChosenId(event.currentTarget.value)}
          />
        )}
        <DayInput
          className={classes.next}
          label="Next follow-up"
          inputRef={next}
          typed={typed}
          onTyped={setTyped}
          proposed={proposed}
          today={today}
        />
        <Textarea
          className={classes.said}
          label="What was said"
          placeholder="If anything"
          autosize
          minRows={1}
          maxRows={6}
          maxLength={100_000}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
        />
        <Button className={classes.save} loading={isSaving} onClick={() => void save()}>
          Log
        </Button>
      </div>
      {nextTitle === null ? null : <p className={classes.dim}>Enter saves; next is {nextTitle}</p>}
    </section>
  );
}
