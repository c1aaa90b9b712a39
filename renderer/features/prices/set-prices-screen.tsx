import { Button, Loader, NativeSelect, Progress, Text, TextInput } from '@mantine/core';
import { IconAdjustmentsDollar } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { mostPricesAtOnce } from '../../../shared/nouns/location-item-price/price-step.ts';
import { useStatus } from '../../api/live.ts';
import { setManyPrices, usePreview } from '../../api/prices.ts';
import { useCounts } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { Pager } from '../../ui/pager.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { ValueEditor } from '../../ui/value-editor.tsx';
import { countOf } from '../history/command-words.ts';
import { showDone } from '../history/undo.tsx';
import { FilterButton, FilterChips, type FilterDraft } from '../records/filter-bar.tsx';
import { finderFor } from '../records/find-references.ts';
import { PriceChanges } from './price-changes.tsx';
import classes from './set-prices.module.css';
import { askedOf, type FormPart, needsNumber, type SetPricesForm, useSetPrices } from './set-prices-state.ts';
import { say } from '../../../shared/words/say.ts';

const PAGE = 100;
/** More than these are not named one by one. */
const NAMED = 30;

const clientField: FieldInfo = { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: '', width: 0 };
const locationsField: FieldInfo = { path: 'locationIds', label: 'Locations', kind: 'references', of: 'locations', group: '', width: 0 };
const itemsField: FieldInfo = { path: 'itemIds', label: 'Items', kind: 'references', of: 'itemPrices', group: '', width: 0 };

/** Sets, raises, lowers or clears own prices at many locations, or for many items, after showing what becomes of each. */
export function SetPricesScreen() {
  usePageTitle('Set own prices');
  const { form, version, change } = useSetPrices();
  // A page belongs to what was asked then: anything else asked starts at the first.
  const [page, setPage] = useState({ version, offset: 0 });
  const offset = page.version === version ? page.offset : 0;
  const [isAsked, setIsAsked] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const parts = useRef<HTMLFormElement>(null);
  const { asked, problem: missing } = askedOf(form);
  // While it is being written the preview stands still: asked again, it would raise what was raised.
  const { data, problem } = usePreview(isSaving ? null : asked, version, offset, PAGE);
  const [shown, setShown] = useState(data);
  // The last answer stays while the next is on its way, so that nothing jumps while somebody types.
  if (data !== undefined && data !== shown) setShown(data);
  const preview = asked === null ? undefined : (data ?? (problem === null ? shown : undefined));

  useEffect(() => heading.current?.focus(), []);
  // Enter saves from a text; from a list of choices it takes Ctrl, as in every form.
  useEffect(() => {
    const { current: element } = parts;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      element?.requestSubmit();
    };
    element?.addEventListener('keydown', onKeyDown);
    return () => element?.removeEventListener('keydown', onKeyDown);
  }, []);

  const update = (changes: Partial<SetPricesForm>) => {
    setIsAsked(false);
    change(changes);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving) return;
    setIsAsked(true);
    if (missing !== null) {
      const part = parts.current?.querySelector(`[data-part="${missing.part}"]`);
      const control = ['input:not([type=hidden])', 'select', 'button']
        .map((kind) => part?.querySelector<HTMLElement>(kind) ?? null)
        .find((one) => one !== null);
      control?.focus();
      return announce(missing.words);
    }
    if (preview === undefined || preview.changed === 0) return;
    setIsSaving(true);
    const result = await setManyPrices(asked);
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    setIsAsked(false);
    // The same again would raise once more: the number goes, where it applies to stays.
    change({ priceText: '', taxText: '' });
    if (result.value.operationId !== null) showDone(`${priceCount(result.value.changed)} set.`, [result.value.operationId]);
  };
  const errorAt = (part: FormPart) =>
    missing?.part === part && (isAsked || !missing.isMissing)
      ? missing.words
      : problem?.field === 'price' && part === 'price'
        ? say(problem)
        : null;

  return (
    <Screen title="Set own prices" width={1160} heading={heading}>
      <p className={classes.lead}>
        An own price is what a location pays instead of the item’s default. Set it here for many at once; nothing changes before you have
        seen it.
      </p>
      <div className={classes.columns}>
        <form ref={parts} className={classes.form} aria-busy={isSaving} aria-label="Own prices" onSubmit={(event) => void submit(event)}>
          <Where form={form} update={update} errorAt={errorAt} />
          <Which form={form} update={update} errorAt={errorAt} />
          <What form={form} update={update} errorAt={errorAt} />
          <Button type="submit" rightSection={<Shortcut keys="mod+enter" />}>
            {preview === undefined || preview.changed === 0 ? 'Set prices' : `Set ${priceCount(preview.changed)}`}
          </Button>
        </form>
        <section className={classes.preview} aria-label="What changes">
          <h2 className={classes.subtitle}>What changes</h2>
          {isSaving ? <Writing /> : null}
          <p role="status" className={classes.sentence} hidden={isSaving}>
            {problem !== null ? say(problem) : preview === undefined ? (missing?.words ?? '') : sentenceOf(preview)}
          </p>
          {preview === undefined ? (
            asked !== null && problem === null ? (
              <Loader size="sm" />
            ) : (
              <EmptyPlace icon={<IconAdjustmentsDollar size={24} />} title="Nothing to show yet">
                Say at which locations, for which items and what. Every price that would change is listed here, as it is now and as it will
                be.
              </EmptyPlace>
            )
          ) : preview.changed === 0 ? (
            <EmptyPlace icon={<IconAdjustmentsDollar size={24} />} title="Nothing changes">
              {preview.locations === 0 || preview.items === 0
                ? 'No location or no item is meant by this.'
                : 'Every one of these prices is so already.'}
            </EmptyPlace>
          ) : (
            <>
              <PriceChanges rows={preview.rows} />
              <Pager
                offset={offset}
                shown={preview.rows.length}
                total={preview.changed}
                page={PAGE}
                onMove={(next) => setPage({ version, offset: next })}
              />
            </>
          )}
        </section>
      </div>
    </Screen>
  );
}

function priceCount(count: number): string {
  return count === 1 ? '1 price' : `${formatCount(count)} prices`;
}

function sentenceOf({ locations, items, changed }: { locations: number; items: number; changed: number }): string {
  const all = locations * items;
  const meant = `${formatCount(items)} ${items === 1 ? 'item' : 'items'} at ${countOf('locations', locations)}`;
  const of = `${priceCount(all)} ${all === 1 ? 'is' : 'are'} meant: ${meant}.`;
  if (changed > mostPricesAtOnce) {
    return `${of} ${formatCount(changed)} would change, and one step can change ${formatCount(mostPricesAtOnce)}: choose fewer locations or items.`;
  }
  if (changed === all) return `${of} ${all === 1 ? 'It changes.' : 'All of them change.'}`;
  return `${of} ${formatCount(changed)} of them ${changed === 1 ? 'changes' : 'change'}; the rest is so already.`;
}

/** How far a large change is written; a small one is done before anybody could read it. */
function Writing() {
  const writing = useStatus()?.writing ?? null;
  const text = writing === null ? 'Working out the prices' : `${formatCount(writing.done)} of ${formatCount(writing.total)} prices written`;
  return (
    <div className={classes.writing} role="status">
      <Text size="sm">{text}</Text>
      <Progress value={writing === null ? 100 : (100 * writing.done) / writing.total} animated={writing === null} aria-label={text} />
    </div>
  );
}

interface PartProps {
  form: SetPricesForm;
  update: (changes: Partial<SetPricesForm>) => void;
  errorAt: (part: FormPart) => string | null;
}

function Where({ form, update, errorAt }: PartProps) {
  const counts = useCounts();
  const [draft, setDraft] = useState<FilterDraft | null>(null);
  return (
    <div className={classes.part}>
      <NativeSelect
        label="Locations"
        value={form.where}
        onChange={(event) => update({ where: event.currentTarget.value as SetPricesForm['where'] })}
        data={[
          { value: 'chosen', label: 'Chosen locations' },
          { value: 'ofClient', label: 'All locations of a client' },
          { value: 'filtered', label: 'Locations that match filters' },
          { value: 'all', label: `All locations${counts === undefined ? '' : ` (${formatCount(counts.locations)})`}` },
        ]}
      />
      {form.where === 'ofClient' ? (
        <div data-part="clientId">
          <ValueEditor
            field={clientField}
            label="Client"
            value={form.clientId}
            error={errorAt('clientId')}
            onChange={(clientId) => update({ clientId: String(clientId) })}
            findOptions={finderFor('locations', clientField)}
          />
        </div>
      ) : form.where === 'chosen' ? (
        <Chosen
          field={locationsField}
          part="locationIds"
          ids={form.locationIds}
          error={errorAt('locationIds')}
          onChange={(locationIds) => update({ locationIds })}
        />
      ) : form.where === 'filtered' ? (
        <div data-part="filters" className={classes.filters}>
          <FilterChips
            noun="locations"
            filters={form.filters}
            hiddenSort={[]}
            onUnsort={() => undefined}
            onEdit={setDraft}
            onApply={(filters) => update({ filters })}
          />
          <FilterButton
            noun="locations"
            filters={form.filters}
            draft={draft}
            onDraft={setDraft}
            onApply={(filters) => update({ filters })}
          />
          {errorAt('filters') === null ? null : (
            <Text size="sm" c="var(--mantine-color-error)">
              {errorAt('filters')}
            </Text>
          )}
        </div>
      ) : null}
    </div>
  );
}

function Which({ form, update, errorAt }: PartProps) {
  const counts = useCounts();
  return (
    <div className={classes.part}>
      <NativeSelect
        label="Items"
        value={form.which}
        onChange={(event) => update({ which: event.currentTarget.value as SetPricesForm['which'] })}
        data={[
          { value: 'chosen', label: 'Chosen items' },
          { value: 'all', label: `All items${counts === undefined ? '' : ` (${formatCount(counts.itemPrices)})`}` },
        ]}
      />
      {form.which === 'chosen' ? (
        <Chosen
          field={itemsField}
          part="itemIds"
          ids={form.itemIds}
          error={errorAt('itemIds')}
          onChange={(itemIds) => update({ itemIds })}
        />
      ) : null}
    </div>
  );
}

/** A few are named and can be taken off one by one; of many that came from a list it is said how many they are. */
function Chosen({
  field,
  part,
  ids,
  error,
  onChange,
}: {
  field: FieldInfo;
  part: FormPart;
  ids: readonly string[];
  error: string | null;
  onChange: (ids: string[]) => void;
}) {
  const noun = field.of === 'locations' ? 'locations' : 'itemPrices';
  if (ids.length > NAMED) {
    return (
      <div data-part={part} className={classes.chosen}>
        <Text size="sm">{countOf(noun, ids.length)} chosen in the list</Text>
        <Button type="button" variant="subtle" size="compact-sm" onClick={() => onChange([])}>
          Choose others
        </Button>
      </div>
    );
  }
  return (
    <div data-part={part}>
      <ValueEditor
        field={field}
        label={`Chosen ${field.label.toLowerCase()}`}
        value={[...ids]}
        error={error}
        onChange={(next) => onChange(next as string[])}
        findOptions={finderFor('locationItemPrices', field)}
      />
    </div>
  );
}

function What({ form, update, errorAt }: PartProps) {
  return (
    <>
      <div className={classes.part} data-part="price">
        <NativeSelect
          label="Price"
          error={needsNumber(form.price) ? null : errorAt('price')}
          value={form.price}
          onChange={(event) => update({ price: event.currentTarget.value as SetPricesForm['price'], priceText: '' })}
          data={[
            { value: 'set', label: 'Set to' },
            { value: 'raise', label: 'Raise by' },
            { value: 'lower', label: 'Lower by' },
            { value: 'default', label: 'Back to the default' },
            { value: 'keep', label: 'Leave as it is' },
          ]}
        />
        {needsNumber(form.price) ? (
          <TextInput
            label={form.price === 'set' ? 'Own price' : 'Percent'}
            inputMode="decimal"
            autoComplete="off"
            value={form.priceText}
            error={errorAt('price')}
            onChange={(event) => update({ priceText: event.currentTarget.value })}
            {...(form.price === 'set' ? {} : { rightSection: <span aria-hidden>%</span> })}
          />
        ) : null}
      </div>
      <div className={classes.part} data-part="tax">
        <NativeSelect
          label="Tax rate"
          value={form.tax}
          onChange={(event) => update({ tax: event.currentTarget.value as SetPricesForm['tax'], taxText: '' })}
          data={[
            { value: 'keep', label: 'Leave as it is' },
            { value: 'set', label: 'Set to' },
            { value: 'default', label: 'Back to the default' },
          ]}
        />
        {form.tax === 'set' ? (
          <TextInput
            label="Own tax rate"
            inputMode="decimal"
            autoComplete="off"
            value={form.taxText}
            error={errorAt('tax')}
            onChange={(event) => update({ taxText: event.currentTarget.value })}
            rightSection={<span aria-hidden>%</span>}
          />
        ) : null}
      </div>
    </>
  );
}
