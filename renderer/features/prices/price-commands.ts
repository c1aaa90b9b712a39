import { type ClipboardEvent, useRef, useState } from 'react';
import type { ManyPrices } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import { pricesOf, setManyPrices } from '../../api/prices.ts';
import { announce } from '../../ui/announcer.tsx';
import { copyText } from '../../ui/copy-text.ts';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone, showQuietly } from '../history/undo.tsx';
import { type Block, copiedText, idsBetween, pastedOf, type Place, type Seen, sizeOf } from './price-block.ts';
import { type Proposal, proposalFor, tooManyWords } from './price-proposal.ts';

interface CommandDeps {
  rows: number;
  columns: number;
  /** What is chosen. */
  block: Block;
  /** All that are listed, in their order; null where they could not be asked for, which was said. */
  itemIds: () => Promise<readonly string[] | null>;
  locationIds: () => Promise<readonly string[] | null>;
  /** What of either is on screen now. */
  seen: () => { items: Seen; locations: Seen };
  choose: (from: Place | null, to: Place) => void;
  /** Gives the focus back to the grid. */
  focus: () => void;
}

/** What is done with the chosen prices, and what is proposed to be done with them. */
export function usePriceCommands({ rows, columns, block, itemIds, locationIds, seen, choose, focus }: CommandDeps) {
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  /** A proposal is on its way: what is typed meanwhile is meant for it, and begins no edit of a price. */
  const isProposing = useRef(false);

  /** The items and locations of the chosen block, also of those that were never on screen; null after a problem was said. */
  const chosen = async (of = block) => {
    const tooMany = tooManyWords(of);
    if (tooMany !== null) {
      showQuietly(tooMany);
      announce(tooMany);
      return null;
    }
    // Before it is asked for: what is on screen by then may be another list.
    const before = seen();
    const [allItems, allLocations] = await Promise.all([itemIds(), locationIds()]);
    if (allItems === null || allLocations === null) return null;
    const items = idsBetween(allItems, of.top, of.bottom, before.items);
    const locations = idsBetween(allLocations, of.left, of.right, before.locations);
    if (items !== null && locations !== null) return { items, locations };
    const changed = 'The items or locations of this grid have just changed. Look at what is chosen now, and do it again.';
    showQuietly(changed);
    announce(changed);
    return null;
  };

  const propose = async (leftOut: Proposal['leftOut'], price: Proposal['price'], of = block) => {
    isProposing.current = true;
    const found = await chosen(of).finally(() => {
      isProposing.current = false;
    });
    if (found !== null) setProposal(proposalFor(found.items, found.locations, { price, leftOut }));
  };
  const set = async (asked: ManyPrices) => {
    setIsSaving(true);
    const result = await setManyPrices(asked);
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    const { changed, operationId } = result.value;
    if (operationId === null) showQuietly('These prices are so already.');
    else showDone(changed === 1 ? '1 price set.' : `${formatCount(changed)} prices set.`, [operationId]);
    setProposal(null);
    focus();
  };
  const backToDefault = async () => {
    const found = await chosen();
    if (found === null) return;
    await set({
      locations: { kind: 'chosen', ids: found.locations },
      items: { kind: 'chosen', ids: found.items },
      price: { kind: 'default' },
      taxRate: { kind: 'keep' },
    });
  };

  const copy = async () => {
    const found = await chosen();
    if (found === null) return;
    const prices = await pricesOf(found.items, found.locations);
    if (!prices.ok) return showProblem(prices.error);
    const count = sizeOf(block);
    await copyText(copiedText(prices.value), count === 1 ? 'Price' : `${formatCount(count)} prices`);
  };
  const paste = (event: ClipboardEvent) => {
    if (event.target !== event.currentTarget || block.left < 0) return;
    const text = event.clipboardData.getData('text/plain');
    if (text.trim() === '') return;
    event.preventDefault();
    const { values, noPrices } = pastedOf(text);
    const width = values[0]?.length ?? 0;
    // One price fills all that is chosen; a block stands where the choice begins.
    if (values.length === 1 && width === 1 && noPrices.length === 0 && sizeOf(block) > 1) {
      const all = Array.from({ length: block.bottom - block.top + 1 }, () =>
        Array.from({ length: block.right - block.left + 1 }, () => values[0]?.[0] ?? null),
      );
      return void propose({ noPrices: [], outside: 0 }, { kind: 'each', values: all });
    }
    const target = { top: block.top, left: block.left, bottom: block.top + values.length - 1, right: block.left + width - 1 };
    const fitting = { ...target, bottom: Math.min(rows - 1, target.bottom), right: Math.min(columns - 1, target.right) };
    const kept = values.slice(0, fitting.bottom - fitting.top + 1).map((row) => row.slice(0, fitting.right - fitting.left + 1));
    const outside = sizeOf(target) - sizeOf(fitting);
    choose({ row: fitting.bottom, column: fitting.right }, { row: fitting.top, column: fitting.left });
    void propose(
      { noPrices: noPrices.filter(({ row, column }) => kept[row]?.[column] !== undefined), outside },
      { kind: 'each', values: kept },
      fitting,
    );
  };

  return { proposal, setProposal, isSaving, isProposing, propose, set, backToDefault, copy, paste };
}
