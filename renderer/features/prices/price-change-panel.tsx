import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, Fragment, useEffect, useRef, useState } from 'react';
import type { ManyPrices } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import { say } from '../../../shared/words/say.ts';
import { usePreview } from '../../api/prices.ts';
import { formatCount } from '../../ui/field-text.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useLatest } from '../../ui/use-latest.ts';
import type { ItemPriceView, LocationView } from '../../../shared/contracts/record.contract.ts';
import { useRecord } from '../../api/records.ts';
import type { NoPrice } from './price-block.ts';
import classes from './price-grid.module.css';
import { askedOf, idsAt, previewWords, type Proposal, stepOf, type StepKind, steps } from './price-proposal.ts';

/** As many of those that change are told apart by what becomes of them. */
const LOOKED_AT = 500;

interface PriceChangePanelProps {
  proposal: Proposal;
  isSaving: boolean;
  onPrice: (price: Proposal['price']) => void;
  onSet: (asked: ManyPrices) => void;
  onClose: () => void;
}

/** What is to become of the chosen prices: said here where nothing was pasted, shown in the grid, done by one button. */
export function PriceChangePanel({ proposal, isSaving, onPrice, onSet, onClose }: PriceChangePanelProps) {
  const { leftOut, rows, columns } = proposal;
  const asked = askedOf(proposal);
  // While it is being written the preview stands still: asked again, it would raise what was raised.
  const { data, problem } = usePreview(isSaving ? null : asked, proposal.key, 0, LOOKED_AT);
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  const preview = asked === null ? undefined : (data ?? (problem === null ? last : undefined));
  const [kind, setKind] = useState<StepKind>('raisePercent');
  const [text, setText] = useState('');
  const first = useRef<HTMLButtonElement>(null);
  const isPasted = leftOut !== null;
  useEffect(() => {
    if (isPasted) first.current?.focus();
  }, [isPasted]);
  const said = stepOf(kind, text);
  const tell = (nextKind: StepKind, nextText: string) => {
    setKind(nextKind);
    setText(nextText);
    onPrice(stepOf(nextKind, nextText).step);
  };
  // Also before the answer is there: what is on screen becomes of each is shown in the grid already.
  const canSet = asked !== null && problem === null && (data === undefined || data.changed > 0);
  const submit = (event: Pick<FormEvent, 'preventDefault'>) => {
    event.preventDefault();
    if (canSet && !isSaving) onSet(asked);
  };
  const size = rows.size * columns.size;
  const form = useRef<HTMLFormElement>(null);
  const close = useLatest(onClose);
  useEffect(() => {
    const { current: element } = form;
    const onKeyDown = (event: KeyboardEvent) => {
      const isSubmit = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isSubmit && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (isSubmit) element?.requestSubmit();
      else close();
    };
    element?.addEventListener('keydown', onKeyDown);
    return () => element?.removeEventListener('keydown', onKeyDown);
  }, [close]);
  return (
    <form ref={form} className={classes.panel} aria-label="Change prices" onSubmit={submit}>
      {isPasted ? null : (
        <div className={classes.step}>
          <NativeSelect
            size="xs"
            aria-label="What becomes of them"
            data={Object.entries(steps).map(([value, label]) => ({ value, label }))}
            value={kind}
            onChange={(event) => tell(event.currentTarget.value as StepKind, text)}
          />
          {kind === 'default' ? null : (
            <TextInput
              size="xs"
              autoFocus
              aria-label={kind === 'raisePercent' || kind === 'lowerPercent' ? 'Percent' : kind === 'set' ? 'Price' : 'Amount'}
              placeholder={kind === 'raisePercent' || kind === 'lowerPercent' ? '%' : '0.00'}
              inputMode="decimal"
              autoComplete="off"
              value={text}
              error={said.problem}
              onChange={(event) => tell(kind, event.currentTarget.value)}
            />
          )}
        </div>
      )}
      <div className={classes.what}>
        <p role="status">
          {problem !== null
            ? say(problem)
            : preview === undefined
              ? `${size === 1 ? '1 price is' : `${formatCount(size)} prices are`} chosen.`
              : previewWords(preview, proposal)}{' '}
          Nothing is changed yet.
        </p>
        {leftOut === null || leftOut.noPrices.length === 0 ? null : (
          <p className={classes.refused}>
            {leftOut.noPrices.length === 1 ? 'Left out, because it is no price: ' : `Left out, because they are no prices: `}
            {leftOut.noPrices.slice(0, 3).map((one, at) => (
              <Fragment key={`${one.row} ${one.column}`}>
                {at === 0 ? '' : ', '}
                <LeftOut proposal={proposal} one={one} />
              </Fragment>
            ))}
            {leftOut.noPrices.length > 3 ? ` and ${formatCount(leftOut.noPrices.length - 3)} more` : ''}
          </p>
        )}
        {leftOut === null || leftOut.outside === 0 ? null : (
          <p className={classes.refused}>
            {leftOut.outside === 1 ? '1 cell lies' : `${formatCount(leftOut.outside)} cells lie`} beyond the last item or location, and
            {leftOut.outside === 1 ? ' is' : ' are'} left out.
          </p>
        )}
      </div>
      <Button variant="default" size="compact-md" rightSection={<Shortcut keys="esc" />} onClick={onClose}>
        {isPasted ? 'Throw away' : 'Cancel'}
      </Button>
      <Button
        ref={first}
        type="submit"
        size="compact-md"
        loading={isSaving}
        data-off={!canSet || undefined}
        rightSection={<Shortcut keys="mod+enter" />}
      >
        {preview === undefined || preview.changed === 0
          ? 'Set prices'
          : `Set ${preview.changed === 1 ? '1 price' : `${formatCount(preview.changed)} prices`}`}
      </Button>
    </form>
  );
}

/** A text that is no price, with what it was pasted to. */
function LeftOut({ proposal, one }: { proposal: Proposal; one: NoPrice }) {
  const { itemId, locationId } = idsAt(proposal, one);
  const item = useRecord('itemPrices', itemId).data as ItemPriceView | undefined;
  const location = useRecord('locations', locationId).data as LocationView | undefined;
  return `“${one.text}” (${item?.invoiceItem ?? '…'} × ${location?.name ?? '…'})`;
}
