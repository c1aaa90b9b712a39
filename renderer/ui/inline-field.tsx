import { ActionIcon, Tooltip } from '@mantine/core';
import { IconExternalLink, IconMail } from '@tabler/icons-react';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { FieldInfo } from '../../shared/nouns/field.ts';
import type { Problem } from '../../shared/lib/result.ts';
import { afterPress } from './after-press.ts';
import { CopyButton } from './copy-button.tsx';
import { displayText, type FieldDraft, fromDraft, toDraft } from './field-text.ts';
import classes from './inline-field.module.css';
import { showProblem } from './problem.tsx';
import { keyWords } from './shortcut.tsx';
import type { ChosenBy, FindOptions } from './reference-picker.tsx';
import { ValueEditor } from './value-editor.tsx';
import { webAddress } from './web-address.ts';
import { say } from '../../shared/words/say.ts';
import { words } from '../../shared/words/words.ts';

interface InlineFieldProps {
  field: FieldInfo;
  value: unknown;
  isEditing: boolean;
  onEdit: () => void;
  /** Asked to leave the editing; `refocus` when the keys were used, so that the value gets the focus back. */
  onClose: () => void;
  /** Left with Tab (or with Shift, back), after it was saved: where there is a next one to go on with. */
  onTab?: (by: 1 | -1) => void;
  /** Saves at once. A problem is shown at the field and what was typed stays. */
  onSave: (value: unknown) => Promise<Problem | null>;
  /** What the book would say to a value, before it is sent. */
  check: (value: unknown) => string | null;
  readOnly?: boolean;
  /** Without its label, where the place says what it is (a cell of a table). */
  isBare?: boolean;
  /** Shown instead of the plain text, e.g. a link to the record that is named. */
  content?: ReactNode;
  findOptions?: FindOptions | undefined;
  /** Beside its label: what is to be known of the field. */
  mark?: ReactNode;
  /** Something to know about the value that stands there. */
  hint?: string | null;
  /** What the field's records are called, by id. */
  names?: Readonly<Record<string, string>>;
}

/**
 * A value that is edited where it stands: Enter or a click starts, Enter or leaving saves, Esc takes back. The keys of the
 * list do not reach it meanwhile.
 */
export function InlineField(props: InlineFieldProps) {
  const { field, value, isEditing, readOnly } = props;
  const shown = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useEffect(() => {
    if (isEditing || !refocus.current) return;
    refocus.current = false;
    shown.current?.focus();
  }, [isEditing]);
  const close = (byKey: boolean) => {
    refocus.current = byKey;
    props.onClose();
  };
  const text = displayText(field, value);
  const isFixed = readOnly === true || field.computed === true;

  return (
    <div className={classes.field} data-field={field.path} data-editing={isEditing || undefined} data-bare={props.isBare || undefined}>
      {props.isBare === true ? null : (
        <span className={classes.label}>
          {field.label}
          {props.mark}
        </span>
      )}
      <div className={classes.value}>
        {field.kind === 'boolean' && !isFixed ? (
          <div className={classes.toggle}>
            <ToggleValue {...props} />
          </div>
        ) : isEditing && !isFixed ? (
          <Editing {...props} close={close} />
        ) : isFixed ? (
          <span className={classes.fixed} data-kind={field.kind}>
            {props.content ?? text}
          </span>
        ) : (
          <>
            {props.content === undefined ? (
              <button
                ref={shown}
                type="button"
                className={classes.shown}
                data-kind={field.kind}
                aria-label={`${field.label}: ${text === '' ? 'empty' : text}. Edit`}
                onClick={props.onEdit}
              >
                {text}
              </button>
            ) : (
              <>
                <span className={classes.fixed}>{props.content}</span>
                <button ref={shown} type="button" className={classes.change} aria-label={`Change ${field.label}`} onClick={props.onEdit}>
                  Change
                </button>
              </>
            )}
            <Extras field={field} text={text} />
          </>
        )}
        {props.hint === undefined || props.hint === null ? null : <span className={classes.hint}>{props.hint}</span>}
      </div>
    </div>
  );
}

/** Ways out of a value: write to it, open it, copy it. */
function Extras({ field, text }: { field: FieldInfo; text: string }) {
  if (text === '' || !['email', 'url', 'phone'].includes(field.kind)) return null;
  const address = field.kind === 'url' ? webAddress(text) : null;
  return (
    <span className={classes.extras}>
      {field.kind === 'email' ? (
        <Tooltip label="Write an e-mail">
          <ActionIcon
            component="a"
            href={`mailto:${text}`}
            target="_blank"
            rel="noreferrer"
            variant="subtle"
            color="gray"
            size={24}
            aria-label={`Write to ${text}`}
          >
            <IconMail size={15} />
          </ActionIcon>
        </Tooltip>
      ) : null}
      {address === null ? null : (
        <Tooltip label="Open the website">
          <ActionIcon
            component="a"
            href={address}
            target="_blank"
            rel="noreferrer"
            variant="subtle"
            color="gray"
            size={24}
            aria-label={`Open ${text}`}
          >
            <IconExternalLink size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      <CopyButton text={text} what={field.label.toLowerCase()} />
    </span>
  );
}

function ToggleValue({ field, value, onSave }: InlineFieldProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState<boolean | null>(null);
  return (
    <ValueEditor
      field={field}
      value={pending ?? value === true}
      error={problem}
      onChange={() => undefined}
      onPick={(next) => {
        setPending(next === true);
        void onSave(next).then((result) => {
          setPending(null);
          setProblem(result ? say(result) : null);
        });
      }}
    />
  );
}

function Editing({
  field,
  value,
  onSave,
  check,
  close: leave,
  onTab,
  findOptions,
  names,
}: InlineFieldProps & { close: (byKey: boolean) => void }) {
  const [draft, setDraft] = useState<FieldDraft>(() => toDraft(field, value));
  const [problem, setProblem] = useState<string | null>(null);
  const editor = useRef<HTMLDivElement>(null);
  // The key moves the focus away, which saves; whoever was refused has it again.
  const tabbed = useRef<0 | 1 | -1>(0);
  const close = (byKey: boolean) => {
    const by = tabbed.current;
    tabbed.current = 0;
    leave(byKey);
    if (by !== 0) onTab?.(by);
  };
  const isSaving = useRef(false);
  const start = useRef(JSON.stringify(toDraft(field, value)));
  // What leaving the field saves: a picker may have put it there a moment before.
  const latest = useRef(draft);

  // The record was left while a value could not be saved: what was typed is told, not dropped in silence.
  const unsaved = useRef<string | null>(null);
  const isThere = useRef(true);
  const notSaved = (why: string) => `${field.label} was not saved: “${String(draft)}”. ${why}`;
  const tell = (text: string) => showProblem({ code: `NOT_SAVED ${field.path}`, ...words('said.text', { text }) });
  unsaved.current = problem === null ? null : notSaved(problem);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
      if (unsaved.current !== null) tell(unsaved.current);
    };
    // oxlint-disable-next-line react/exhaustive-deps -- when it goes, and only then
  }, []);
  const refuse = (words: string) => {
    if (tabbed.current !== 0) editor.current?.querySelector<HTMLElement>('input, textarea')?.focus();
    tabbed.current = 0;
    if (isThere.current) setProblem(words);
    else tell(notSaved(words));
  };
  const cancel = () => {
    unsaved.current = null;
    close(true);
  };

  const save = async (next: FieldDraft, byKey: boolean) => {
    if (isSaving.current) return;
    if (JSON.stringify(next) === start.current) return close(byKey);
    const wanted = fromDraft(field, next);
    const words = check(wanted);
    if (words !== null) return refuse(words);
    isSaving.current = true;
    const result = await onSave(wanted);
    isSaving.current = false;
    if (result === null) {
      unsaved.current = null;
      close(byKey);
    } else refuse(say(result));
  };

  const hasLines = field.kind === 'multiline';
  const isList = field.kind === 'tags' || field.kind === 'links' || field.kind === 'references';
  const isPicked = field.kind === 'choice' || field.kind === 'reference';
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    tabbed.current = onTab === undefined || event.key !== 'Tab' ? 0 : event.shiftKey ? -1 : 1;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      cancel();
      return;
    }
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    // Enter makes a line in a text and an entry in a list; in a list of choices it chooses.
    const input = event.target as HTMLInputElement;
    if (field.kind === 'choice' || (hasLines && !mod) || (isList && !mod && input.value !== '')) return;
    if (
      input.getAttribute('aria-activedescendant') !== null &&
      input.getAttribute('aria-expanded') !== 'false' &&
      field.kind === 'openChoice'
    )
      return;
    if (input.validity?.badInput === true) return setProblem('This day does not exist. Check the date.');
    event.preventDefault();
    event.stopPropagation();
    void save(draft, true);
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if ((event.target as HTMLInputElement).validity?.badInput === true) return setProblem('This day does not exist. Check the date.');
    const nowhere = event.relatedTarget === null && !document.hasFocus();
    if (!nowhere) afterPress(() => void save(latest.current, false));
  };

  return (
    <div ref={editor} className={classes.editor}>
      <ValueEditor
        field={field}
        value={draft}
        error={problem}
        autoFocus
        size="xs"
        openAtOnce={isPicked || field.kind === 'openChoice' || field.kind === 'references'}
        onChange={(next) => {
          latest.current = next;
          setDraft(next);
          if (problem !== null) setProblem(null);
        }}
        {...(isPicked || field.kind === 'openChoice' ? { onPick: (next: FieldDraft, by: ChosenBy) => void save(next, by === 'key') } : {})}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
        findOptions={findOptions}
        {...(names === undefined ? {} : { names })}
      />
      {hasLines ? <span className={classes.hint}>{keyWords('mod+enter')} or leaving saves, Esc takes back</span> : null}
    </div>
  );
}
