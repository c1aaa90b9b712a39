import { Anchor, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { toNestErrors } from '@hookform/resolvers';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { ownFieldInfo } from '../../../shared/nouns/own-field/own-field.ts';
import { useOwnFields } from '../../api/own-fields.ts';
import { Controller, type FieldErrors, type Resolver, useForm, type UseFormReturn } from 'react-hook-form';
import { type FieldInfo, isAs, setAt, valueAt } from '../../../shared/nouns/field.ts';
import { canBeDuplicate } from '../../../shared/contracts/duplicate.contract.ts';
import { blankRecord, fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { type AnyView, recordApi, viewTitle } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { blankDraft, type FieldDraft, formatTime, fromDraft, toDraft } from '../../ui/field-text.ts';
import { HalfWords, useHalfWords } from '../../ui/half-words.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { ValueEditor } from '../../ui/value-editor.tsx';
import { MayHaveThis } from '../duplicates/may-have-this.tsx';
import { hideDone, showDone, showQuietly } from '../history/undo.tsx';
import { atField, wordsForAll } from './book-words.ts';
import { readDraft, writeDraft } from './draft.ts';
import { finderFor } from './find-references.ts';
import classes from './new-record-form.module.css';
import { type FormParent, useNewRecord } from './new-record-state.ts';
import { nounScreens } from './noun-screens.tsx';
import { useOpening } from './opening-state.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DraftNote } from '../../ui/draft-note.tsx';

/** The form for a new record of any noun, over whatever is on screen. Leaving it loses nothing: the draft is kept. */
export function NewRecordForm() {
  const open = useNewRecord((state) => state.open);
  const [turn, setTurn] = useState(0);
  // The toast stands where the form has its buttons. What is saved from the form itself is told again.
  useEffect(() => {
    if (open !== null) hideDone();
  }, [open]);
  if (open === null) return null;
  return (
    <FormDialog
      key={`${open.noun} ${open.parent?.id ?? ''} ${turn}`}
      noun={open.noun}
      parent={open.parent}
      onAgain={() => setTurn((now) => now + 1)}
    />
  );
}

type Values = Record<string, unknown>;

/** Names of own fields may hold what a form takes for steps of a path. */
function inForm(field: FieldInfo): FieldInfo {
  return { ...field, path: pathInForm(field.path) };
}

function pathInForm(path: string): string {
  if (!path.startsWith('custom.')) return path;
  const coded = Array.from(path.slice('custom.'.length), (letter) =>
    /[A-Za-z0-9]/.test(letter) ? letter : `_${letter.codePointAt(0)?.toString(16)}_`,
  );
  return `custom.${coded.join('')}`;
}

function pathInBook(path: string): string {
  return path.startsWith('custom.')
    ? path.replace(/_([0-9a-f]+)_/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    : path;
}

interface FormDialogProps {
  noun: NounName;
  parent: FormParent | null;
  onAgain: () => void;
}

/** What the fields start with: the noun's own defaults, and the record it is made from. */
function startValues(noun: NounName, fields: readonly FieldInfo[], parent: FormParent | null): Values {
  const values: Values = {};
  // An invoice is in the currency of its client unless another is named.
  const defaults = blankRecord(noun);
  for (const field of fields) {
    const start =
      field.kind === 'choice' ||
      field.kind === 'boolean' ||
      field.path === 'defaultCurrency' ||
      (field.path === 'currency' && noun !== 'invoices')
        ? valueAt(defaults, field.path)
        : null;
    setAt(values, field.path, start === null ? blankDraft(field) : toDraft(field, start));
  }
  for (const [path, value] of Object.entries(parent?.values ?? {})) setAt(values, path, value);
  return values;
}

/** What the book gets: fields that were left empty are left out, so that its defaults hold. */
function inputOf(fields: readonly FieldInfo[], values: Values): Values {
  const input: Values = {};
  for (const field of fields) {
    if (!isAs(values, field.when)) continue;
    const value = fromDraft(field, valueAt(values, field.path) as FieldDraft);
    if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) setAt(input, pathInBook(field.path), value);
  }
  return input;
}

function FormDialog({ noun, parent, onAgain }: FormDialogProps) {
  const screen = nounScreens[noun];
  const { singular } = nouns[noun];
  const close = useNewRecord((state) => state.close);
  const navigate = useNavigate();
  const { fields, own } = useFormFields(noun);
  const start = useMemo(() => startValues(noun, fields, parent), [noun, fields, parent]);
  const [draft] = useState(() => draftFor(noun, parent));
  const isFirst = (path: string) => screen.formFields.includes(path) || path.startsWith('custom.');
  const isDrafted = useRef(draft !== null);
  const [hasDraftNote, setHasDraftNote] = useState(draft !== null);
  const [showsAll, setShowsAll] = useState(
    () => draft !== null && fields.some((field) => !isFirst(field.path) && differs(field, draft.values, start)),
  );
  const [isSaving, setIsSaving] = useState(false);
  const saving = useRef(false);
  const halfWords = useHalfWords();

  const resolver: Resolver<Values> = (values, _context, options) => {
    const words = wordsForAll(noun, inputOf(fields, values));
    if (words.size === 0) return { values, errors: {} };
    const errors = Object.fromEntries([...words].map(([path, message]) => [pathInForm(path), { type: 'book', message }]));
    return { values: {}, errors: toNestErrors(errors, options) };
  };
  const form = useForm<Values>({ defaultValues: draft?.values ?? start, resolver, mode: 'onSubmit', shouldFocusError: true });

  useEffect(() => {
    const subscription = form.watch((values) => {
      isDrafted.current = true;
      writeDraft(noun, { at: new Date().toISOString(), values: values as Values, parentName: parent?.name ?? null });
    });
    return () => subscription.unsubscribe();
  }, [form, noun, parent]);

  const leave = () => {
    close();
    if (isDrafted.current) showQuietly(`Your draft of the new ${singular} is kept. It comes back when you start one again.`);
  };
  const startOver = () => {
    form.reset(start);
    writeDraft(noun, null);
    isDrafted.current = false;
    setHasDraftNote(false);
    announce('The form is empty again');
  };

  const save = async (another: boolean) => {
    // What is typed in a picker and not chosen yet is chosen now, or refused where it stands.
    if (!(await halfWords.settle())) return announce('Not saved yet: something in the form needs a change.');
    await form.handleSubmit(
      async (_parsed, event) => {
        event?.preventDefault();
        if (saving.current) return;
        saving.current = true;
        setIsSaving(true);
        const result = await recordApi(noun).create(inputOf(fields, form.getValues()));
        saving.current = false;
        setIsSaving(false);
        if (!result.ok) {
          const field = result.error.field === undefined ? undefined : pathInForm(result.error.field);
          const message = atField(noun, result.error);
          if (field !== undefined && fields.some((one) => one.path === field)) {
            if (!isFirst(field)) setShowsAll(true);
            form.setError(field, { type: 'book', message });
            document.getElementById(`new-${field}`)?.focus();
            announce(message);
          } else showProblem(result.error);
          return;
        }
        writeDraft(noun, null);
        isDrafted.current = false;
        const { record, operationId } = result.value;
        showDone(`${viewTitle(noun, record)} saved.`, operationId === null ? [] : [operationId]);
        if (another) return onAgain();
        close();
        // A contact made from its client stays there; anything else opens.
        if (parent === null) {
          useOpening.getState().wish('heading', record.id);
          void navigate({ to: '/$noun/$id', params: { noun, id: record.id }, search: {} });
        }
      },
      (errors) => {
        if (fields.some((field) => !isFirst(field.path) && messageAt(errors, field.path) !== null)) setShowsAll(true);
        announce('Not saved yet: something in the form needs a change.');
      },
    )();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    void save(event.shiftKey);
  };

  const shown = showsAll
    ? fields
    : [...screen.formFields.map((path) => fields.find((field) => field.path === path)).filter((field) => field !== undefined), ...own];
  const asDraft = form.watch();
  const groups = showsAll ? [...new Set(shown.map((field) => field.group))] : [''];
  // What is known already needs no typing: the focus starts at the first field that is not.
  const first = shown.find((field) => parent?.values[field.path] === undefined) ?? shown[0];
  return (
    <Dialog
      onClose={leave}
      title={parent === null ? `New ${singular}` : `New ${singular} of ${parent.name}`}
      size={720}
      onKeyDown={onKeyDown}
    >
      <HalfWords value={halfWords.around}>
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void save(false);
          }}
        >
          {hasDraftNote && draft !== null ? (
            <DraftNote text={`Your draft from ${formatTime(draft.at)} is back.`} onStartOver={startOver} />
          ) : null}
          {groups.map((group) => (
            <FieldGroup
              key={group}
              noun={noun}
              title={group}
              fields={shown.filter((field) => (group === '' || field.group === group) && isAs(asDraft, field.when))}
              form={form}
              wide={shown[0]}
              focused={first}
              onOpen={close}
            />
          ))}
          {canBeDuplicate(noun) ? <MayHaveThis noun={noun} fields={inputOf(fields, form.watch())} onOpen={leave} /> : null}
          {showsAll || fields.length === shown.length ? null : (
            <Anchor component="button" type="button" size="sm" mt="xs" className={classes.all} onClick={() => setShowsAll(true)}>
              Show all fields
            </Anchor>
          )}
          <Group justify="flex-end" className={classes.foot}>
            <Button variant="default" onClick={leave}>
              Close
            </Button>
            <Button variant="default" loading={isSaving} onClick={() => void save(true)} rightSection={<Shortcut keys="mod+shift+enter" />}>
              Save and start another
            </Button>
            <Button type="submit" loading={isSaving} rightSection={<Shortcut keys="mod+enter" />}>
              Save
            </Button>
          </Group>
        </form>
      </HalfWords>
    </Dialog>
  );
}

interface FieldGroupProps {
  noun: NounName;
  /** Empty where the fields stand without groups. */
  title: string;
  fields: readonly FieldInfo[];
  form: UseFormReturn<Values>;
  /** As wide as the form. */
  wide: FieldInfo | undefined;
  focused: FieldInfo | undefined;
  onOpen: () => void;
}

/** Fields that may tell that the record is in the book already. */
const tellLikeness: ReadonlySet<string> = new Set(['name', 'fullName', 'title', 'lastName', 'email']);

function FieldGroup({ noun, title, fields, form, wide, focused, onOpen }: FieldGroupProps) {
  return (
    <Stack gap="xs" component="fieldset" className={classes.group}>
      {title === '' ? null : (
        <Text component="legend" className={classes.legend}>
          {title}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing={8}>
        {fields.map((field) => (
          <div
            key={field.path}
            className={field.kind === 'multiline' || field === wide ? classes.wide : field.kind === 'boolean' ? classes.toggle : undefined}
          >
            <Controller
              control={form.control}
              name={field.path}
              render={({ field: control, fieldState }) => (
                <ValueEditor
                  field={field}
                  label={field.label}
                  value={control.value as FieldDraft}
                  onChange={control.onChange}
                  onBlur={control.onBlur}
                  autoFocus={field === focused}
                  error={fieldState.error?.message ?? null}
                  findOptions={finderFor(noun, field, form.watch())}
                  id={`new-${field.path}`}
                />
              )}
            />
            {tellLikeness.has(field.path) ? <Likeness noun={noun} text={String(form.watch(field.path) ?? '')} onOpen={onOpen} /> : null}
          </div>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

/** What the form asks for: the noun's own fields, and those that people made. */
function useFormFields(noun: NounName): { fields: FieldInfo[]; own: FieldInfo[] } {
  const defined = useOwnFields(noun);
  const own = useMemo(
    () =>
      defined
        .filter(({ isArchived }) => !isArchived)
        .map(ownFieldInfo)
        .map(inForm),
    [defined],
  );
  const fields = useMemo(
    () => [...fieldsOf(noun).filter((field) => field.computed !== true && field.secret !== true), ...own],
    [noun, own],
  );
  return { fields, own };
}

/** A draft belongs to the record it was begun for. */
function draftFor(noun: NounName, parent: FormParent | null) {
  const kept = readDraft(noun);
  const isOfParent = (values: Values) =>
    parent === null || JSON.stringify(valueAt(values, parent.field)) === JSON.stringify(parent.values[parent.field]);
  return kept !== null && isOfParent(kept.values) ? kept : null;
}

function differs(field: FieldInfo, values: Values, start: Values): boolean {
  return JSON.stringify(valueAt(values, field.path)) !== JSON.stringify(valueAt(start, field.path));
}

function messageAt(errors: FieldErrors, path: string): string | null {
  const found = valueAt(errors, path) as { message?: string } | null;
  return typeof found?.message === 'string' ? found.message : null;
}

/** Possible duplicates, shown while it is typed: it never stops anybody. */
const ASK_AFTER_MS = 250;
const LONG_ENOUGH = 3;

function Likeness({ noun, text, onOpen }: { noun: NounName; text: string; onOpen: () => void }) {
  const [answer, setAnswer] = useState<{ asked: string; rows: AnyView[] } | null>(null);
  const navigate = useNavigate();
  const asked = text.trim();
  useEffect(() => {
    if (asked.length < LONG_ENOUGH) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      void recordApi(noun)
        .list({ search: asked, limit: 3 })
        .then((result) => {
          if (isCurrent) setAnswer({ asked, rows: result.ok ? result.value.rows : [] });
        });
    }, ASK_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [asked, noun]);
  // What was found for the text before stays until the next answer, as long as the text only grew.
  const found = answer !== null && asked.length >= LONG_ENOUGH && asked.startsWith(answer.asked) ? answer.rows : [];
  if (found.length === 0) return null;
  return (
    <p className={classes.likeness}>
      In the book already:{' '}
      {found.map((record, at) => (
        <span key={record.id}>
          {at === 0 ? '' : ', '}
          <Anchor
            component="button"
            type="button"
            inherit
            onClick={() => {
              onOpen();
              void navigate({ to: '/$noun/$id', params: { noun, id: record.id }, search: {} });
            }}
          >
            {viewTitle(noun, record)}
          </Anchor>
        </span>
      ))}
    </p>
  );
}
