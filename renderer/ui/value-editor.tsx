import { Autocomplete, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type FocusEvent, type HTMLInputAutoCompleteAttribute, type KeyboardEvent, useEffect, useState } from 'react';
import type { FieldInfo } from '../../shared/nouns/field.ts';
import { nouns } from '../../shared/nouns/nouns.ts';
import type { FieldDraft } from './field-text.ts';
import { type ChosenBy, type FindOptions, type ReferenceOption, ReferencePicker } from './reference-picker.tsx';

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
  onPick?: (value: FieldDraft, by: ChosenBy) => void;
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
    onPick?.(next, 'key');
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
    case 'references':
      return <ReferenceEditor {...props} />;
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

function OpenChoiceEditor({ field, value, onChange, label, findOptions, openAtOnce, isInPopover, shared, choose }: ListedEditorProps) {
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
function ListEditor({ field, value, findOptions, shared, choose }: ListedEditorProps) {
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

type ListedEditorProps = ValueEditorProps & { shared: object; choose: (value: FieldDraft) => void };

const noNames: Readonly<Record<string, string>> = {};

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

function ReferenceEditor({ field, value, onChange, onPick, findOptions, names, openAtOnce, isInPopover, ...props }: ValueEditorProps) {
  const isMany = field.kind === 'references';
  const chosen = Array.isArray(value) ? value : textOf(value) === '' ? [] : [textOf(value)];
  return (
    <ReferencePicker
      {...(props.id === undefined ? {} : { id: props.id })}
      {...(props.label === undefined ? { 'aria-label': field.label } : { label: props.label })}
      value={chosen}
      isMany={isMany}
      onChange={(ids, by) => {
        const next = isMany ? ids : (ids[0] ?? '');
        onChange(next);
        if (!isMany) onPick?.(next, by);
      }}
      what={field.of === undefined ? 'record' : nouns[field.of].singular}
      isRequired={field.required === true}
      withAsterisk={field.required === true && props.label !== undefined}
      finder={findOptions}
      names={names ?? noNames}
      openAtOnce={openAtOnce ?? false}
      withinPortal={isInPopover !== true}
      error={props.error ?? null}
      size={props.size ?? 'sm'}
      disabled={props.disabled ?? false}
      autoFocus={props.autoFocus ?? false}
      data-autofocus={props.autoFocus === true ? true : undefined}
      onKeyDown={props.onKeyDown}
      onBlur={props.onBlur}
    />
  );
}
