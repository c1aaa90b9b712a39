import { Autocomplete, MultiSelect, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type FocusEvent, type HTMLInputAutoCompleteAttribute, type KeyboardEvent, useEffect, useState } from 'react';
import type { FieldInfo } from '../../shared/nouns/field.ts';
import type { FieldDraft } from './field-text.ts';

export interface ReferenceOption {
  value: string;
  label: string;
}

export interface FindOptions {
  /** Finds records to refer to; with an empty text the first ones. */
  find(text: string): Promise<ReferenceOption[]>;
  /** What a record is called; null when it is not there. */
  named(id: string): Promise<string | null>;
}

interface ValueEditorProps {
  field: FieldInfo;
  value: FieldDraft;
  onChange: (value: FieldDraft) => void;
  /** Shown above the control (forms); without it the field's label is only said (in place). */
  label?: string;
  error?: string | null;
  autoFocus?: boolean;
  disabled?: boolean;
  /** A choice was made from a list, which needs no further key. */
  onPick?: (value: FieldDraft) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  onBlur?: (event: FocusEvent<HTMLElement>) => void;
  findOptions?: FindOptions | undefined;
  /** What chosen records are called, by id; others are asked for. */
  names?: Readonly<Record<string, string>>;
  /** Lists open as soon as the control is there. */
  openAtOnce?: boolean;
  id?: string;
  size?: 'xs' | 'sm';
  /** Lists of choices stay inside, so that choosing is no click outside. */
  isInPopover?: boolean;
}

const inputTypes: Partial<Record<FieldInfo['kind'], string>> = { date: 'date' };
const inputModes: Partial<Record<FieldInfo['kind'], 'email' | 'tel' | 'url' | 'numeric' | 'decimal'>> = {
  email: 'email',
  phone: 'tel',
  url: 'url',
  number: 'numeric',
  decimal: 'decimal',
  rate: 'decimal',
};
const noAutoComplete: HTMLInputAutoCompleteAttribute = 'off';

/** The control that suits the field's kind. What is typed stays exactly as typed until it is saved. */
export function ValueEditor(props: ValueEditorProps) {
  const { field, value, onChange, onPick, error, autoFocus, disabled, onKeyDown, onBlur, id } = props;
  const shared = {
    ...(id === undefined ? {} : { id }),
    ...(props.label === undefined ? { 'aria-label': field.label } : { label: props.label }),
    ...(field.required === true && props.label !== undefined ? { withAsterisk: true } : {}),
    error: error ?? null,
    disabled: disabled ?? false,
    'data-autofocus': autoFocus === true ? true : undefined,
    autoFocus: autoFocus ?? false,
    onKeyDown,
    onBlur,
    autoComplete: noAutoComplete,
    size: props.size ?? ('sm' as const),
  };
  const comboboxProps = { withinPortal: props.isInPopover !== true };
  const choose = (next: FieldDraft) => {
    onChange(next);
    onPick?.(next);
  };

  switch (field.kind) {
    case 'boolean':
      return (
        <Switch
          {...(id === undefined ? {} : { id })}
          {...(props.label === undefined ? { 'aria-label': field.label } : { label: props.label })}
          checked={value === true}
          disabled={disabled ?? false}
          error={error ?? null}
          onChange={(event) => choose(event.currentTarget.checked)}
          size="sm"
          withThumbIndicator={false}
        />
      );
    case 'multiline':
      return (
        <Textarea
          {...shared}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={12}
          spellCheck
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={Object.entries(field.choices ?? {}).map(([key, label]) => ({ value: key, label }))}
          value={textOf(value) === '' ? null : textOf(value)}
          onChange={(next) => choose(next ?? '')}
          {...(props.openAtOnce === true ? { ref: openByClick } : {})}
          allowDeselect={false}
          checkIconPosition="right"
          comboboxProps={comboboxProps}
        />
      );
    case 'openChoice':
      return <OpenChoiceEditor {...props} shared={{ ...shared, comboboxProps }} choose={choose} />;
    case 'tags':
    case 'links':
      return <ListEditor {...props} shared={{ ...shared, comboboxProps }} choose={onChange} />;
    case 'reference':
      return <ReferenceEditor {...props} shared={{ ...shared, comboboxProps }} choose={choose} />;
    case 'references':
      return <ReferencesEditor {...props} shared={{ ...shared, comboboxProps }} choose={onChange} />;
    default:
      return (
        <TextInput
          {...shared}
          type={inputTypes[field.kind] ?? 'text'}
          inputMode={inputModes[field.kind] ?? 'text'}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
          spellCheck={field.kind === 'text'}
        />
      );
  }
}

/** Opened as with the mouse, so that the arrows start at what is chosen. */
function openByClick(input: HTMLInputElement | null): void {
  if (input !== null && input.getAttribute('aria-expanded') !== 'true') input.click();
}

function textOf(value: FieldDraft): string {
  return typeof value === 'string' ? value : '';
}

function OpenChoiceEditor({ field, value, onChange, label, findOptions, openAtOnce, isInPopover, shared, choose }: ReferenceEditorProps) {
  const found = useFound('', findOptions);
  // What stands there already is no question: until something is typed the whole list is offered.
  const [isTyped, setIsTyped] = useState(false);
  return (
    <Autocomplete
      {...shared}
      // A long list scrolls, and must be reached from the keyboard; inside a popover it would be the next stop after the text.
      {...(isInPopover === true ? {} : { attributes: { options: { tabIndex: 0 } } })}
      {...(isTyped ? {} : { filter: ({ options }) => options })}
      data={field.choices === undefined ? found.map((option) => option.label) : Object.values(field.choices)}
      value={textOf(value)}
      onChange={(next) => {
        setIsTyped(true);
        onChange(next);
      }}
      onOptionSubmit={(next) => choose(next)}
      openOnFocus={openAtOnce ?? false}
      {...(label === undefined ? {} : { placeholder: 'Pick one, or write your own' })}
    />
  );
}

/** Tags and links: those in use are offered, any other is taken. */
function ListEditor({ field, value, findOptions, shared, choose }: ReferenceEditorProps) {
  const found = useFound('', findOptions);
  return (
    <TagsInput
      {...shared}
      data={found.map((option) => option.label)}
      value={Array.isArray(value) ? value : []}
      onChange={choose}
      acceptValueOnBlur
      limit={50}
      placeholder={
        field.path === 'tags' ? 'Write a tag, then Enter' : field.kind === 'tags' ? 'Write one, then Enter' : 'Paste a link, then Enter'
      }
    />
  );
}

type ReferenceEditorProps = ValueEditorProps & { shared: object; choose: (value: FieldDraft) => void };

const noNames: Readonly<Record<string, string>> = {};

/** What the chosen records are called: as the caller knows them, and for others as the book says. */
function useNames(ids: readonly string[], known: Readonly<Record<string, string>>, finder: FindOptions | undefined) {
  const [asked, setAsked] = useState(noNames);
  const missing = ids.filter((id) => known[id] === undefined && asked[id] === undefined).join(' ');
  useEffect(() => {
    if (missing === '' || finder === undefined) return;
    let isCurrent = true;
    void Promise.all(missing.split(' ').map(async (id) => [id, (await finder.named(id)) ?? 'Not in the book'])).then((found) => {
      if (isCurrent) setAsked((before) => ({ ...before, ...(Object.fromEntries(found) as Record<string, string>) }));
    });
    return () => {
      isCurrent = false;
    };
  }, [missing, finder]);
  return (id: string) => known[id] ?? asked[id] ?? '…';
}

/** Records found by a text, kept while the next are looked for. */
function useFound(text: string, finder: FindOptions | undefined): ReferenceOption[] {
  const [options, setOptions] = useState<ReferenceOption[]>([]);
  useEffect(() => {
    if (finder === undefined) return;
    let isCurrent = true;
    void finder.find(text).then((found) => {
      if (isCurrent) setOptions(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [text, finder]);
  return options;
}

function ReferenceEditor({ value, findOptions, names, openAtOnce, shared, choose, field }: ReferenceEditorProps) {
  const chosen = textOf(value);
  const nameOf = useNames(chosen === '' ? [] : [chosen], names ?? noNames, findOptions);
  const name = chosen === '' ? null : nameOf(chosen);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? name ?? '';
  // The name of what is chosen is not a question: the list then starts with the first records.
  const options = useFound(text === name ? '' : text, findOptions);
  const known = name === null || options.some((option) => option.value === chosen) ? options : [{ value: chosen, label: name }, ...options];
  return (
    <Select
      {...shared}
      data={known}
      value={chosen === '' ? null : chosen}
      searchable
      searchValue={text}
      onSearchChange={setTyped}
      onChange={(next) => {
        setTyped(null);
        choose(next ?? '');
      }}
      // Found by the book, which folds accents and knows more than the name; not filtered a second time here.
      filter={({ options: all }) => all}
      nothingFoundMessage="Nothing found"
      clearable={field.required !== true}
      allowDeselect={false}
      // Going through a form with Tab does not cover the next field.
      openOnFocus={openAtOnce ?? false}
      defaultDropdownOpened={openAtOnce ?? false}
      placeholder="Search by name"
    />
  );
}

function ReferencesEditor({ value, findOptions, names, openAtOnce, shared, choose }: ReferenceEditorProps) {
  const chosen = Array.isArray(value) ? value : [];
  const nameOf = useNames(chosen, names ?? noNames, findOptions);
  const [text, setText] = useState('');
  const options = useFound(text, findOptions);
  const kept = chosen.filter((id) => options.every((option) => option.value !== id)).map((id) => ({ value: id, label: nameOf(id) }));
  return (
    <MultiSelect
      {...shared}
      data={[...options, ...kept]}
      value={chosen}
      onChange={(next) => {
        choose(next);
        setText('');
      }}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options: all }) => all}
      hidePickedOptions
      // Everybody may be chosen already: an empty list is no answer to a question nobody asked.
      {...(text === '' ? {} : { nothingFoundMessage: 'Nothing found' })}
      openOnFocus={openAtOnce ?? false}
      defaultDropdownOpened={openAtOnce ?? false}
      placeholder={chosen.length === 0 ? 'Search by name' : ''}
    />
  );
}
