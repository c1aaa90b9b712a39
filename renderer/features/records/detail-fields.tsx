import { Button } from '@mantine/core';
import { IconChevronRight, IconEye, IconEyeOff, IconPlus } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import type { Banking } from '../../../shared/nouns/client/client.ts';
import { type FieldInfo, isAs, isReference, ownFieldsOf, valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import { useOwnFields } from '../../api/own-fields.ts';
import { type CustomValue, ownFieldInfo, ownKey, ownValueOf } from '../../../shared/nouns/own-field/own-field.ts';
import { type AnyView, bankingOf, referencesOf } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { useHideAgain } from '../../ui/hide-again.ts';
import { InlineField } from '../../ui/inline-field.tsx';
import { isFocusLost } from '../../ui/last-focus.ts';
import { showProblem } from '../../ui/problem.tsx';
import { TagList } from '../../ui/tag-list.tsx';
import { webAddress } from '../../ui/web-address.ts';
import { FieldMark } from '../sync/record-mark.tsx';
import { wordsFor } from './book-words.ts';
import classes from './detail-fields.module.css';
import { nounScreens } from './noun-screens.tsx';
import { finderFor, type Scope } from './find-references.ts';
import { saveField } from './record-commands.ts';
import { RecordLink } from './record-link.tsx';
import { say } from '../../../shared/words/say.ts';

interface DetailFieldsProps {
  noun: NounName;
  record: AnyView;
  /** Fields that are being edited: more than one when a value was refused and the person went on. */
  editing: ReadonlySet<string>;
  onEdit: (path: string) => void;
  onClose: (path: string) => void;
}

/** Whether empty fields are shown. One answer for all records: who fills in many of them unfolds once. Kept by nobody. */
const useUnfolded = create<{ isOn: boolean; turn: () => void }>()((set) => ({
  isOn: false,
  turn: () => set((state) => ({ isOn: !state.isOn })),
}));

/**
 * Every field of the record in groups. Those that hold something stand in rows. Those that do not are folded away behind their number,
 * and are buttons below their group when they are asked for: the record reads short and nothing is out of reach.
 */
export function DetailFields({ noun, record, editing, onEdit, onClose }: DetailFieldsProps) {
  // When it was made and changed, and by whom, stands below in one line.
  const { hasField = () => true } = nounScreens[noun];
  const own = fieldsOf(noun).filter((field) => field.group !== 'Record' && isAs(record, field.when) && hasField(record, field.path));
  const fields = [...own, ...useShownOwnFields(noun, record)];
  const groups = [...new Set(fields.map((field) => field.group))];
  const { isOn: isUnfolded, turn } = useUnfolded();
  const isSecret = (field: FieldInfo) => field.secret === true;
  // Banking is asked for as a whole.
  const isBankingEmpty = fields.some(isSecret) && fields.filter(isSecret).every(({ path }) => isEmpty(valueAt(record, path)));
  const count = fields.filter((field) => !isSecret(field) && isAddable(noun, record, field, editing)).length + Number(isBankingEmpty);
  return (
    <div className={classes.groups}>
      {groups.map((group) =>
        fields.some((field) => field.group === group && field.secret === true) ? (
          <BankingGroup
            key={`${group} ${record.id}`}
            group={group}
            noun={noun}
            record={record}
            editing={editing}
            onEdit={onEdit}
            onClose={onClose}
          />
        ) : (
          <FieldGroup
            key={group}
            group={group}
            fields={fields.filter((field) => field.group === group)}
            noun={noun}
            record={record}
            editing={editing}
            onEdit={onEdit}
            onClose={onClose}
          />
        ),
      )}
      {record.deletedAt !== null || count === 0 ? null : (
        <button type="button" className={classes.fold} aria-expanded={isUnfolded} onClick={turn}>
          <IconChevronRight size={14} aria-hidden />
          {count === 1 ? 'One empty field' : `${formatCount(count)} empty fields`}
        </button>
      )}
    </div>
  );
}

interface FieldGroupProps extends DetailFieldsProps {
  group: string;
  fields: readonly (FieldInfo & { hint?: string })[];
  /** The record with its secrets, where a person asked to see them; changes are made to this one. */
  withSecrets?: AnyView;
  aside?: ReactNode;
  onSaved?: () => void;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Empty, and a person's to fill in. */
function isAddable(noun: NounName, record: AnyView, field: FieldInfo, editing: ReadonlySet<string>): boolean {
  return (
    !editing.has(field.path) &&
    field.required !== true &&
    field.kind !== 'boolean' &&
    field.computed !== true &&
    isEmpty(valueAt(record, field.path)) &&
    nounScreens[noun].isFixed?.(record, field.path) !== true
  );
}

function FieldGroup({ group, fields, noun, record, editing, onEdit, onClose, withSecrets, aside, onSaved }: FieldGroupProps) {
  const isDeleted = record.deletedAt !== null;
  const shownRecord = withSecrets ?? record;
  const filled = fields.filter(
    (field) => editing.has(field.path) || field.required === true || field.kind === 'boolean' || !isEmpty(valueAt(shownRecord, field.path)),
  );
  const isUnfolded = useUnfolded((state) => state.isOn);
  // Who asked to see banking data sees all of it.
  const empty = isUnfolded || withSecrets !== undefined ? fields.filter((field) => isAddable(noun, shownRecord, field, editing)) : [];
  if (filled.length === 0 && (isDeleted || empty.length === 0)) return null;
  return (
    <section className={classes.group} aria-label={group}>
      <div className={classes.head}>
        <h3 className={classes.heading}>{group}</h3>
        {aside}
      </div>
      {filled
        // A name that is put together is above, and its parts are here.
        .filter(
          (field) =>
            field.computed !== true ||
            (field.path !== 'name' &&
              field.path !== 'displayName' &&
              !isEmpty(valueAt(record, field.path)) &&
              valueAt(record, field.path) !== false),
        )
        .map((field) => {
          const value = valueAt(shownRecord, field.path);
          return (
            <InlineField
              key={`${record.id} ${field.path}`}
              field={field}
              value={value}
              isEditing={editing.has(field.path)}
              readOnly={
                isDeleted ||
                nounScreens[noun].isFixed?.(record, field.path) === true ||
                field.fixed === true ||
                (field.secret === true && withSecrets === undefined)
              }
              onEdit={() => onEdit(field.path)}
              onClose={() => {
                onClose(field.path);
                // A field that stayed empty is a button again, which is another one than the value that was left.
                requestAnimationFrame(() => {
                  if (isFocusLost()) document.querySelector<HTMLElement>(`[data-add="${CSS.escape(field.path)}"]`)?.focus();
                });
              }}
              check={(next) => wordsFor(noun, field.path, next)}
              onSave={async (next) => {
                const problem = await saveField(noun, shownRecord, field, next);
                if (problem === null) onSaved?.();
                return problem;
              }}
              mark={<FieldMark noun={noun} id={record.id} path={field.path} />}
              content={contentOf(field, record, value)}
              findOptions={finderFor(noun, field, record as Scope)}
              hint={field.hint ?? null}
              names={record.names}
            />
          );
        })}
      {isDeleted || empty.length === 0 || (fields.some((field) => field.secret === true) && withSecrets === undefined) ? null : (
        <ul className={classes.empty} aria-label={`Empty fields of ${group}`}>
          {empty.map((field) => (
            <li key={field.path}>
              <button type="button" className={classes.add} data-add={field.path} onClick={() => onEdit(field.path)}>
                <IconPlus size={12} aria-hidden />
                {field.label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/**
 * The own fields of the record: those that are defined, archived ones where they hold something, and values that nobody
 * defined. A value that does not fit its field (any more) is a text, with a hint.
 */
function useShownOwnFields(noun: NounName, record: AnyView): (FieldInfo & { hint?: string })[] {
  const defined = useOwnFields(noun);
  const known = new Set(defined.map((field) => `custom.${ownKey(field)}`));
  const shown = defined.flatMap((field): (FieldInfo & { hint?: string })[] => {
    const info = ownFieldInfo(field);
    const value = valueAt(record, info.path) as CustomValue;
    if (field.isArchived && value === null) return [];
    const kept = ownValueOf(field, value);
    const isFit = 'value' in kept && kept.value === value;
    return [
      isFit
        ? info
        : {
            ...plainText(info),
            hint: `Does not fit the field. ${'problem' in kept ? say(kept.problem) : 'Save it once to bring it in form.'}`,
          },
    ];
  });
  return [...shown, ...ownFieldsOf(record).filter(({ path }) => !known.has(path))];
}

function plainText({ choices: _, ...field }: FieldInfo): FieldInfo {
  return { ...field, kind: 'text' };
}

/** References and lists of links are shown as what they lead to; everything else as its text. */
function contentOf(field: FieldInfo, record: AnyView, value: unknown): ReactNode {
  if (isReference(field) && field.of !== undefined && !isEmpty(value)) {
    const { of } = field;
    return referencesOf(record, field).map(({ id, name }, at) => (
      <span key={id}>
        {at === 0 ? '' : ', '}
        <RecordLink noun={of} id={id}>
          {name}
        </RecordLink>
      </span>
    ));
  }
  if (field.kind === 'links' && Array.isArray(value)) {
    return (
      <span className={classes.links}>
        {value.map((link) => {
          const address = webAddress(String(link));
          return address === null ? (
            <span key={String(link)}>{String(link)}</span>
          ) : (
            <a key={String(link)} href={address} target="_blank" rel="noreferrer" className={classes.link}>
              {String(link)}
            </a>
          );
        })}
      </span>
    );
  }
  if (field.kind === 'tags' && Array.isArray(value)) {
    return <TagList tags={value.map(String)} />;
  }
  return undefined;
}

/**
 * Banking is masked until it is asked for, and again after a minute or when the window or the record is left. Nobody keeps
 * it, and nothing here copies it.
 */
function BankingGroup({ group, noun, record, editing, onEdit, onClose }: DetailFieldsProps & { group: string }) {
  const [banking, setBanking] = useState<{ value: Banking | null } | null>(null);
  const fields = fieldsOf(noun).filter((field) => field.group === group);
  const isKept = fields.some((field) => !isEmpty(valueAt(record, field.path)));
  const isShown = banking !== null;
  const isUnfolded = useUnfolded((state) => state.isOn);
  const show = async () => {
    const result = await bankingOf(record.id);
    if (!result.ok) return showProblem(result.error);
    setBanking({ value: result.value.banking });
    announce('Banking data is shown');
  };
  const hide = () => {
    setBanking(null);
    announce('Banking data is hidden');
    // Whoever had the focus on one of the values has it on what shows them again.
    requestAnimationFrame(() => {
      if (isFocusLost()) document.querySelector<HTMLElement>('[data-show-banking]')?.focus();
    });
  };
  useHideAgain(
    isShown,
    fields.some(({ path }) => editing.has(path)),
    hide,
  );
  const shown = useRef(isShown);
  shown.current = isShown;
  // A change elsewhere (undo, another window) shows here too.
  const changedAt = record.updatedAt;
  useEffect(() => {
    if (shown.current) void bankingOf(record.id).then((result) => result.ok && setBanking({ value: result.value.banking }));
  }, [changedAt, record.id]);
  if (!isShown && !isKept) {
    if (record.deletedAt !== null || !isUnfolded) return null;
    return (
      <section className={classes.group} aria-label={group}>
        <h3 className={classes.heading}>{group}</h3>
        <button type="button" className={classes.add} data-show-banking onClick={() => void show()}>
          <IconPlus size={12} aria-hidden />
          Add banking
        </button>
      </section>
    );
  }
  const blank: Banking = { bankName: null, accountNumber: null, branchCode: null, accountType: null, routingNumber: null, swiftCode: null };
  return (
    <FieldGroup
      group={group}
      fields={fields}
      noun={noun}
      record={record}
      editing={editing}
      onEdit={onEdit}
      onClose={onClose}
      {...(isShown ? { withSecrets: { ...record, banking: banking.value ?? blank } as AnyView } : {})}
      aside={
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={isShown ? <IconEyeOff size={15} /> : <IconEye size={15} />}
          aria-label={isShown ? 'Hide banking data' : 'Show banking data'}
          data-show-banking
          onClick={() => (isShown ? hide() : void show())}
        >
          {isShown ? 'Hide' : 'Show'}
        </Button>
      }
    />
  );
}
