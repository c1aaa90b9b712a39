import { Text, VisuallyHidden } from '@mantine/core';
import { IconArrowsExchange, IconCheck } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { isReference } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { ConflictView, SettleChoice } from '../../../shared/sync/sync-view.ts';
import { sync } from '../../api/sync.ts';
import { useRecord, viewTitle } from '../../api/records.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { showDone } from '../history/undo.tsx';
import { RecordLink } from '../records/record-link.tsx';
import { momentText } from '../settings/sync-sentence.ts';
import { fieldOf, isNoun, many, valueText } from './sync-words.ts';
import classes from './sync.module.css';

type Take = SettleChoice['take'];

/** The fields of one record that two people changed without seeing each other. One value stands already; one key takes the other. */
export function ConflictCard({ conflicts, onAnswered }: { conflicts: readonly ConflictView[]; onAnswered: () => void }) {
  const [first] = conflicts;
  if (first === undefined) return null;
  const { collection, recordId, system } = first;
  const there = system === undefined ? 'the server' : system;
  const title = first.title ?? 'A record that is gone';
  const answer = async (chosen: readonly ConflictView[], take: Take) => {
    const result = await sync.settle(chosen.map(({ id }) => ({ id, take })));
    if (!result.ok) return showProblem(result.error);
    const what = chosen.length === 1 ? (chosen[0]?.label ?? '') : many(chosen.length, 'field', 'fields');
    showDone(`${title}: ${what}, ${takenWords[take]}.`, result.value.operationId === null ? [] : [result.value.operationId]);
    onAnswered();
  };
  return (
    <article className={classes.card} aria-label={`Conflict: ${title}`} data-needs>
      <div className={classes.cardHead}>
        <IconArrowsExchange size={18} className={classes.danger} aria-hidden />
        <h3 className={classes.cardTitle}>
          {isNoun(collection) && first.title !== null ? (
            <RecordLink noun={collection} id={recordId}>
              {title}
            </RecordLink>
          ) : (
            title
          )}
        </h3>
        <Text size="sm" c="dimmed" component="span">
          {many(conflicts.length, 'field was', 'fields were')} changed on both sides; {standsText(conflicts)}
        </Text>
      </div>
      <div className={`${classes.sides} ${classes.sidesHead}`} aria-hidden>
        <span />
        <span>On this laptop</span>
        <span>{system === undefined ? 'On the server' : `In ${system}`}</span>
      </div>
      {conflicts.map((conflict) => (
        <ConflictRow key={conflict.id} conflict={conflict} all={conflicts} onAnswer={(chosen, take) => void answer(chosen, take)} />
      ))}
      <div className={classes.cardFoot}>
        <span>
          <Shortcut keys="←" /> takes this laptop’s
        </span>
        <span>
          <Shortcut keys="→" /> takes {there}’s
        </span>
        <span>
          <Shortcut keys="enter" /> takes what has the focus
        </span>
        {conflicts.length > 1 ? (
          <span>
            <Shortcut keys="shift+→" /> all of {there}’s
          </span>
        ) : null}
      </div>
    </article>
  );
}

/** Whose value it is that stands now: our own server lets the later one stand, other systems do it in their own way. */
function standsText(conflicts: readonly ConflictView[]): string {
  if (conflicts.some(({ system }) => system === undefined)) return 'the later value stands';
  const kept = new Set(conflicts.map((one) => one.kept));
  return kept.size > 1 ? 'the marked values stand' : kept.has('theirs') ? 'its value stands' : 'this laptop’s value stands';
}

const takenWords: Record<Take, string> = {
  mine: 'this laptop’s value stands',
  theirs: 'the server’s value stands',
  both: 'both stand',
  asItIs: 'it stays as it is',
};

interface RowProps {
  conflict: ConflictView;
  all: readonly ConflictView[];
  onAnswer: (chosen: readonly ConflictView[], take: Take) => void;
}

function ConflictRow({ conflict, all, onAnswer }: RowProps) {
  const { collection, field, label, base, mine, theirs, kept } = conflict;
  const group = useRef<HTMLDivElement>(null);
  const isText = isNoun(collection) && fieldOf(collection, field)?.kind === 'multiline';
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const take: Take | null =
      event.key === 'ArrowLeft'
        ? 'mine'
        : event.key === 'ArrowRight'
          ? 'theirs'
          : isText && event.key.toLowerCase() === 'b'
            ? 'both'
            : null;
    if (take !== null) {
      event.preventDefault();
      return onAnswer(event.shiftKey && take !== 'both' ? all : [conflict], take);
    }
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    focusNext(group.current, event.key === 'ArrowDown' ? 1 : -1);
  };
  return (
    // The keys of its two buttons, whichever has the focus.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the buttons inside are what is interactive
    <div ref={group} className={classes.sides} role="group" aria-label={label} onKeyDown={onKeyDown} data-conflict>
      <span className={classes.sideField}>
        <span className={classes.strong}>{label}</span>
        {base === null ? null : (
          <span className={classes.was}>
            was{' '}
            {isBlank(base.value) && field !== 'deletedAt' ? 'empty' : <Value collection={collection} field={field} value={base.value} />}
          </span>
        )}
      </span>
      <Side
        conflict={conflict}
        side={mine}
        words="this laptop’s"
        stands={kept !== 'theirs'}
        arrow="←"
        onTake={() => onAnswer([conflict], 'mine')}
      />
      <Side
        conflict={conflict}
        side={theirs}
        words={`${conflict.system ?? 'the server'}’s`}
        stands={kept !== 'mine'}
        arrow="→"
        onTake={() => onAnswer([conflict], 'theirs')}
      />
    </div>
  );
}

const isBlank = (value: unknown) => value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** To the button that stands, in the next field that needs somebody. */
function focusNext(from: HTMLElement | null, by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-conflict]')];
  const next = rows[(from === null ? -1 : rows.indexOf(from)) + by];
  (next?.querySelector<HTMLElement>('[data-stands]') ?? next?.querySelector('button'))?.focus();
}

interface SideProps {
  conflict: ConflictView;
  side: ConflictView['mine'];
  words: string;
  stands: boolean;
  arrow: string;
  onTake: () => void;
}

function Side({ conflict: { collection, field, label }, side, words, stands, arrow, onTake }: SideProps) {
  return (
    <button type="button" className={classes.side} aria-pressed={stands} data-stands={stands || undefined} onClick={onTake}>
      <VisuallyHidden>
        {label}: take {words} value{' '}
      </VisuallyHidden>
      <span className={classes.sideValue}>
        <Value collection={collection} field={field} value={side.value} />
      </span>
      <span className={classes.sideMark}>
        {stands ? (
          <>
            <IconCheck size={15} aria-hidden /> stands
          </>
        ) : (
          <Shortcut keys={arrow} />
        )}
      </span>
      <span className={classes.sideWho}>
        {side.by === '' ? 'Somebody' : side.by}, {momentText(side.at)}
      </span>
    </button>
  );
}

function Value({ collection, field, value }: { collection: string; field: string; value: unknown }) {
  const info = isNoun(collection) ? fieldOf(collection, field) : undefined;
  if (info !== undefined && isReference(info) && info.of !== undefined && typeof value === 'string')
    return <Named noun={info.of} id={value} />;
  return <>{valueText(collection, field, value)}</>;
}

/** What a record is called that a value names. */
function Named({ noun, id }: { noun: NounName; id: string }) {
  const { data } = useRecord(noun, id);
  return <>{data === undefined ? 'A record that is gone' : viewTitle(noun, data)}</>;
}
