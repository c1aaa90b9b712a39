import { CloseButton, Combobox, InputBase, Pill, PillsInput, useCombobox } from '@mantine/core';
import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { identityFold } from '../../shared/lib/text.ts';
import { announce } from './announcer.tsx';
import { HalfWords } from './half-words.ts';
import classes from './reference-picker.module.css';
import { useLatest } from './use-latest.ts';

export interface ReferenceOption {
  value: string;
  label: string;
  /** What tells it apart from others of that name: whose it is, where it is. */
  detail?: string;
  /** What the field says once it is chosen, where the name alone would not do. */
  shown?: string;
}

export interface FindOptions {
  /** Finds records to refer to, the best first; with an empty text the first ones. */
  find(text: string): Promise<ReferenceOption[]>;
  /** What a record is called; null when it is not there. */
  named(id: string): Promise<string | null>;
}

/** How a value was chosen: with the keys, which go on from here, or by going somewhere else. */
export type ChosenBy = 'key' | 'leaving';

interface ReferencePickerProps {
  /** Ids of what is chosen: one at most, unless it takes many. */
  value: readonly string[];
  isMany: boolean;
  onChange: (value: string[], by: ChosenBy) => void;
  /** What its kind is called in a sentence: "location". */
  what: string;
  isRequired: boolean;
  finder: FindOptions | undefined;
  names: Readonly<Record<string, string>>;
  openAtOnce: boolean;
  withinPortal: boolean;
  error: ReactNode;
  label?: string;
  'aria-label'?: string;
  withAsterisk?: boolean;
  id?: string;
  size: 'xs' | 'sm';
  disabled: boolean;
  autoFocus: boolean;
  'data-autofocus': true | undefined;
  onKeyDown?: ((event: KeyboardEvent<HTMLElement>) => void) | undefined;
  onBlur?: ((event: FocusEvent<HTMLElement>) => void) | undefined;
}

interface Found {
  text: string;
  options: ReferenceOption[];
}

/**
 * Chooses records by name. What the field shows is what it holds: Enter and Tab take the first match, leaving takes the only
 * one or the one of that very name, and words that fit nothing stay where they were typed and are refused.
 */
export function ReferencePicker(props: ReferencePickerProps) {
  const { value, isMany, onChange, isRequired, disabled, openAtOnce, size } = props;
  const listId = useId();
  const { typed, type, isOpen, setIsOpen, setMarked, refusal, nameOf, options, isCurrent, at, take, clear, settle } = useChoice(
    props,
    listId,
  );
  const box = useRef<HTMLInputElement>(null);
  const tabbed = useRef(false);
  const store = useCombobox({ opened: isOpen, onOpenedChange: setIsOpen });
  const optionId = (index: number) => `${listId}-${index}`;
  const settleFirst = useLatest(async () => {
    const isSettled = await settle('leaving', 'first');
    if (!isSettled) box.current?.focus();
    return isSettled;
  });
  const around = useContext(HalfWords);
  useEffect(() => around?.add(() => settleFirst()), [around, settleFirst]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    tabbed.current = event.key === 'Tab';
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey && !mod) {
      done();
      if (!isOpen) return setIsOpen(true);
      if (options.length > 0) setMarked((at + (event.key === 'ArrowDown' ? 1 : -1) + options.length) % options.length);
    } else if (event.key === 'Enter' && !mod && typed !== null) {
      done();
      void settle('key', 'first');
    } else if (event.key === 'Enter' && !mod && isOpen && at >= 0 && options[at] !== undefined) {
      done();
      type(null);
      take(options[at], 'key');
    } else if (event.key === 'Backspace' && isMany && (typed ?? '') === '' && value.length > 0) {
      onChange(value.slice(0, -1), 'leaving');
    } else if (event.key === 'Escape' && (typed !== null || (isOpen && !openAtOnce))) {
      done();
      type(null);
      setIsOpen(false);
    } else props.onKeyDown?.(event);
  };
  const left = useLatest((event: FocusEvent<HTMLElement>) => props.onBlur?.(event));
  const onBlur = (event: FocusEvent<HTMLInputElement>) => {
    const byTab = tabbed.current;
    tabbed.current = false;
    // The window was left: everything stays as it is until it comes back.
    if (!document.hasFocus()) return;
    setIsOpen(false);
    if (typed === null) return left(event);
    void settle('leaving', byTab ? 'first' : 'certain').then((isSettled) => {
      // Nothing was chosen and nothing refused: the field was left as it was.
      if (isSettled && (isMany || (typed.trim() === '' && value.length === 0))) left(event);
    });
  };

  const text = typed ?? (isMany || value[0] === undefined ? '' : nameOf(value[0]));
  const input: FieldInput = {
    role: 'combobox',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? listId : undefined,
    'aria-autocomplete': 'list',
    'aria-activedescendant': isOpen && at >= 0 ? optionId(at) : undefined,
    'aria-label': props['aria-label'],
    'data-autofocus': props['data-autofocus'],
    // A dialog around it does not close with the list.
    'data-mantine-stop-propagation': isOpen || typed !== null ? true : undefined,
    autoComplete: 'off',
    spellCheck: false,
    value: text,
    disabled,
    autoFocus: props.autoFocus,
    placeholder: isMany && value.length > 0 ? '' : 'Search by name',
    onKeyDown,
    onBlur,
    onChange: (event: { currentTarget: HTMLInputElement }) => type(event.currentTarget.value),
    onClick: () => setIsOpen(true),
  };
  const frame: FieldFrame = {
    label: props.label,
    withAsterisk: props.withAsterisk ?? false,
    error: refusal ?? props.error,
    size,
    ...(props.id === undefined ? {} : { id: props.id }),
  };
  return (
    <Combobox store={store} withinPortal={props.withinPortal} onOptionSubmit={(id) => takeById(id)}>
      <Combobox.DropdownTarget>
        {isMany ? (
          <ManyField
            frame={frame}
            input={input}
            box={box}
            chosen={value.map((id) => ({ id, name: nameOf(id) }))}
            onRemove={(id) =>
              onChange(
                value.filter((other) => other !== id),
                'leaving',
              )
            }
          />
        ) : (
          <InputBase
            ref={box}
            {...frame}
            {...input}
            rightSection={
              isRequired || disabled || (value.length === 0 && typed === null) ? null : (
                <CloseButton
                  size="xs"
                  tabIndex={-1}
                  aria-label={`Clear ${props.label ?? props['aria-label'] ?? 'the field'}`}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => clear('leaving')}
                />
              )
            }
          />
        )}
      </Combobox.DropdownTarget>
      <Combobox.Dropdown hidden={isMany && isCurrent && options.length === 0 && (typed ?? '') === ''}>
        <Combobox.Options id={listId} className={classes.options} aria-label={props.label ?? props['aria-label']}>
          {options.map((option, index) => (
            <OptionRow
              key={option.value}
              id={optionId(index)}
              option={option}
              isMarked={index === at}
              isChosen={option.value === value[0]}
            />
          ))}
          {isCurrent && options.length === 0 ? <Combobox.Empty>Nothing found</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );

  function takeById(id: string): void {
    const option = options.find((one) => one.value === id);
    if (option === undefined) return;
    type(null);
    take(option, 'key');
  }
}

/** What is typed, what was found for it, and which of that is chosen. */
function useChoice(props: ReferencePickerProps, listId: string) {
  const { value, isMany, onChange, finder, openAtOnce } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const [isOpen, setIsOpen] = useState(openAtOnce);
  const [marked, setMarked] = useState<number | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [learned, setLearned] = useState<Readonly<Record<string, string>>>({});
  const found = useFound(typed ?? '', finder);
  const nameOf = useNames(value, props.names, learned, finder);
  // What is chosen by now: a choice may still be looked for while the next one is typed, and they come in their order.
  const chosen = useRef(value);
  useLayoutEffect(() => {
    chosen.current = value;
  }, [value]);
  const turn = useRef<Promise<unknown>>(Promise.resolve());

  // Another value from outside is shown at once: a half word of before does not stand over it. Beside several it stands apart.
  const key = value.join(' ');
  const [keySeen, setKeySeen] = useState(key);
  if (keySeen !== key) {
    setKeySeen(key);
    if (!isMany) {
      setTyped(null);
      setRefusal(null);
    }
  }

  const options = (found?.options ?? []).filter((option) => !isMany || !value.includes(option.value));
  const isCurrent = found?.text === (typed ?? '');
  const chosenAt = isMany ? -1 : options.findIndex((option) => option.value === value[0]);
  const at = Math.min(marked ?? (typed === null || typed.trim() === '' ? chosenAt : 0), options.length - 1);
  useLayoutEffect(() => {
    if (isOpen && at >= 0) document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [isOpen, at, listId]);

  const type = (text: string | null) => {
    setTyped(text);
    setMarked(null);
    setRefusal(null);
    if (text !== null) setIsOpen(true);
  };
  const take = (option: ReferenceOption, by: ChosenBy) => {
    setLearned((before) => ({ ...before, [option.value]: option.shown ?? option.label }));
    setIsOpen(isMany && by === 'key' && isOpen);
    chosen.current = isMany ? [...chosen.current, option.value] : [option.value];
    onChange([...chosen.current], by);
  };
  const clear = (by: ChosenBy) => {
    type(null);
    if (value.length > 0) onChange([], by);
  };

  /** Takes what is typed; false where it is refused. */
  const settle = (by: ChosenBy, how: 'first' | 'certain'): Promise<boolean> => {
    const settled = turn.current.then(() => settleNow(by, how));
    // Of several the next is typed while this one is looked for.
    if (isMany && by === 'key' && typed !== null) type('');
    turn.current = settled;
    return settled;
  };
  const settleNow = async (by: ChosenBy, how: 'first' | 'certain'): Promise<boolean> => {
    const text = typed?.trim() ?? '';
    if (typed === null) return true;
    if (text === '') {
      if (!isMany) clear(by);
      else type(null);
      return true;
    }
    const isFree = (option: ReferenceOption) => !isMany || !chosen.current.includes(option.value);
    const asked = (isCurrent ? options : ((await finder?.find(typed)) ?? [])).filter(isFree);
    const one = how === 'first' ? asked[isCurrent ? Math.max(at, 0) : 0] : certainOf(asked, text);
    if (one !== undefined) {
      if (isMany && by === 'key') setTyped((next) => (next === '' ? null : next));
      else type(null);
      take(one, by);
      return true;
    }
    // Half a word stays where it was typed, unless the next one stands there already.
    if (isMany && by === 'key') setTyped((next) => (next === '' || next === null ? typed : next));
    const says = refusalOf(text, props.what, asked.length > 0);
    setRefusal(says);
    setIsOpen(false);
    announce(says);
    return false;
  };
  return { typed, type, isOpen, setIsOpen, setMarked, refusal, nameOf, options, isCurrent, at, take, clear, settle };
}

interface FieldFrame {
  label: string | undefined;
  withAsterisk: boolean;
  error: ReactNode;
  size: 'xs' | 'sm';
  id?: string;
}
interface FieldInput {
  role: 'combobox';
  'aria-expanded': boolean;
  'aria-controls': string | undefined;
  'aria-autocomplete': 'list';
  'aria-activedescendant': string | undefined;
  'aria-label': string | undefined;
  'data-autofocus': true | undefined;
  'data-mantine-stop-propagation': true | undefined;
  autoComplete: 'off';
  spellCheck: false;
  value: string;
  disabled: boolean;
  autoFocus: boolean;
  placeholder: string;
  onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void;
  onBlur: (event: FocusEvent<HTMLInputElement>) => void;
  onChange: (event: { currentTarget: HTMLInputElement }) => void;
  onClick: () => void;
}

interface ManyFieldProps {
  frame: FieldFrame;
  input: FieldInput;
  box: RefObject<HTMLInputElement | null>;
  chosen: readonly { id: string; name: string }[];
  onRemove: (id: string) => void;
}

/** What is chosen stands before the text that is typed. `target` is what makes it the place that the list opens at. */
function ManyField({ frame, input, box, chosen, onRemove, ...target }: ManyFieldProps) {
  const disabled = input.disabled === true;
  return (
    <PillsInput {...target} {...frame} disabled={disabled} onClick={() => box.current?.focus()}>
      <Pill.Group disabled={disabled}>
        {chosen.map(({ id, name }) => (
          <Pill key={id} withRemoveButton={!disabled} onRemove={() => onRemove(id)}>
            {name}
          </Pill>
        ))}
        <PillsInput.Field {...input} ref={box} {...(frame.id === undefined ? {} : { id: frame.id })} />
      </Pill.Group>
    </PillsInput>
  );
}

function OptionRow({ id, option, isMarked, isChosen }: { id: string; option: ReferenceOption; isMarked: boolean; isChosen: boolean }) {
  const { value, label, detail = '' } = option;
  return (
    <Combobox.Option id={id} value={value} selected={isMarked} active={isChosen} aria-selected={isMarked}>
      <span className={classes.option}>
        <span>{label}</span>
        {detail === '' ? null : <span className={classes.detail}>{detail}</span>}
      </span>
    </Combobox.Option>
  );
}

/** The one that what is typed can only mean: it is called so, or nothing else was found. */
function certainOf(found: readonly ReferenceOption[], text: string): ReferenceOption | undefined {
  const exact = found.filter(({ label, shown }) => [label, shown ?? label].some((name) => identityFold(name) === identityFold(text)));
  if (exact.length === 1) return exact[0];
  return found.length === 1 ? found[0] : undefined;
}

function refusalOf(text: string, what: string, fitsSeveral: boolean): string {
  return fitsSeveral
    ? `“${text}” fits several. Choose one from the list, or clear the field.`
    : `No ${what} is called “${text}”. Choose one from the list, or clear the field.`;
}

/** What the chosen records are called: as was just seen, as the book says, or as the caller knows them until it has said so. */
function useNames(
  ids: readonly string[],
  known: Readonly<Record<string, string>>,
  learned: Readonly<Record<string, string>>,
  finder: FindOptions | undefined,
) {
  const [asked, setAsked] = useState<Readonly<Record<string, string>>>({});
  const missing = ids.filter((id) => learned[id] === undefined && asked[id] === undefined).join(' ');
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
  return (id: string) => learned[id] ?? asked[id] ?? known[id] ?? '…';
}

/** Records found by a text, kept while the next are looked for. */
function useFound(text: string, finder: FindOptions | undefined): Found | null {
  const [found, setFound] = useState<(Found & { finder: FindOptions }) | null>(null);
  useEffect(() => {
    if (finder === undefined) return;
    let isCurrent = true;
    void finder.find(text).then((options) => {
      if (isCurrent) setFound({ text, options, finder });
    });
    return () => {
      isCurrent = false;
    };
  }, [text, finder]);
  return found?.finder === finder ? found : null;
}
