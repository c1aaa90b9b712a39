import { ActionIcon, Button, Loader, Switch, Text, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconAdjustmentsDollar, IconArrowBackUp, IconSearch, IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import type { LocationPrice } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { fieldsOf } from '../../../shared/nouns/nouns.ts';
import { clearOwnPrice, setOwnPrice, useLocationPrices } from '../../api/prices.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import { InlineField } from '../../ui/inline-field.tsx';
import { Pager } from '../../ui/pager.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { wordsFor } from '../records/book-words.ts';
import { RecordLink } from '../records/record-link.tsx';
import classes from './price-table.module.css';
import { useOpenSetPrices } from './set-prices-state.ts';
import { say } from '../../../shared/words/say.ts';

const PAGE = 100;

interface PriceTableProps {
  /** The open record: all items of a location, or all locations of an item. */
  noun: 'locations' | 'itemPrices';
  id: string;
  title: string;
  isDeleted: boolean;
}

/** What a location pays for every item, or an item costs at every location. Own prices are edited where they stand. */
export function PriceTable({ noun, id, title, isDeleted }: PriceTableProps) {
  const isLocation = noun === 'locations';
  const [search, setSearch] = useState('');
  const [ownOnly, setOwnOnly] = useState(!isLocation);
  const [offset, setOffset] = useState(0);
  const openSetPrices = useOpenSetPrices();
  const { data, problem } = useLocationPrices({
    locationId: isLocation ? id : null,
    itemPriceId: isLocation ? null : id,
    ownOnly,
    search: isLocation ? search : '',
    offset,
    limit: PAGE,
  });
  if (isDeleted) {
    return (
      <EmptyPlace icon={<IconTag size={24} />} title="No prices while it is deleted">
        They come back with it, own prices included.
      </EmptyPlace>
    );
  }
  return (
    <div className={classes.place}>
      <div className={classes.tools}>
        {isLocation ? (
          <TextInput
            size="xs"
            className={classes.search}
            leftSection={<IconSearch size={14} />}
            placeholder="Item or code begins with"
            aria-label="Item or code begins with"
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setOffset(0);
            }}
          />
        ) : null}
        <Switch
          size="sm"
          label="Own prices only"
          withThumbIndicator={false}
          checked={ownOnly}
          onChange={(event) => {
            setOwnOnly(event.currentTarget.checked);
            setOffset(0);
          }}
        />
        <Button
          className={classes.many}
          size="compact-md"
          variant="default"
          leftSection={<IconAdjustmentsDollar size={16} />}
          onClick={() => openSetPrices(isLocation ? { locationIds: [id], which: 'all' } : { itemIds: [id], where: 'all' })}
        >
          {isLocation ? 'Set for many items' : 'Set for many locations'}
        </Button>
      </div>
      {data === undefined ? (
        problem === null ? (
          <Loader size="sm" m="md" />
        ) : (
          <Text m="md">{say(problem)}</Text>
        )
      ) : data.rows.length === 0 ? (
        <NoPrices isLocation={isLocation} ownOnly={ownOnly} isSearch={search !== ''} onShowAll={() => setOwnOnly(false)} />
      ) : (
        <>
          <table className={classes.table} aria-label={`Prices of ${title}`}>
            <thead>
              <tr>
                <th scope="col">{isLocation ? 'Item' : 'Location'}</th>
                <th scope="col" className={classes.amount}>
                  Own price
                </th>
                <th scope="col" className={classes.amount}>
                  Own tax
                </th>
                <th scope="col" className={classes.amount}>
                  Pays
                </th>
                <th scope="col">
                  <VisuallyHidden>Back to the default</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.rows.map((price) => (
                <PriceRow key={price.id} price={price} isLocation={isLocation} />
              ))}
            </tbody>
          </table>
          <Pager offset={offset} shown={data.rows.length} total={data.total} page={PAGE} onMove={setOffset} />
        </>
      )}
    </div>
  );
}

function NoPrices({
  isLocation,
  ownOnly,
  isSearch,
  onShowAll,
}: {
  isLocation: boolean;
  ownOnly: boolean;
  isSearch: boolean;
  onShowAll: () => void;
}) {
  if (isSearch) return <Text className={classes.nothing}>No item begins with that.</Text>;
  if (!ownOnly)
    return (
      <EmptyPlace icon={<IconTag size={24} />} title={isLocation ? 'No items yet' : 'No locations yet'}>
        {isLocation
          ? 'Every item of the price list has a price here as soon as there is one.'
          : 'Every location pays the default price as soon as there is one.'}
      </EmptyPlace>
    );
  return (
    <EmptyPlace
      icon={<IconTag size={24} />}
      title="No own prices"
      actions={
        <Button variant="default" onClick={onShowAll}>
          {isLocation ? 'Show all items' : 'Show all locations'}
        </Button>
      }
    >
      {isLocation ? 'This location pays the default price for every item.' : 'Every location pays the default price.'}
    </EmptyPlace>
  );
}

const ownFields = fieldsOf('locationItemPrices').filter(({ path }) => path === 'customPrice' || path === 'customTaxRate');

function PriceRow({ price, isLocation }: { price: LocationPrice; isLocation: boolean }) {
  const [editing, setEditing] = useState<string | null>(null);
  const name = isLocation ? price.itemPriceName : price.locationName;
  const isOwn = price.customPrice !== null || price.customTaxRate !== null;
  const goBack = async () => {
    const result = await clearOwnPrice(price);
    if (!result.ok) return showProblem(result.error);
    if (result.value.operationId !== null) showDone(`${name} is back at the default.`, [result.value.operationId]);
  };
  const save = async (field: FieldInfo, value: unknown) => {
    const result = await setOwnPrice(price, { [field.path]: value as string | null });
    if (!result.ok) return result.error;
    if (result.value.operationId !== null) showDone(`${field.label} of ${name} saved.`, [result.value.operationId]);
    return null;
  };
  return (
    <tr data-own={isOwn || undefined}>
      <th scope="row" className={classes.name}>
        <RecordLink noun={isLocation ? 'itemPrices' : 'locations'} id={isLocation ? price.itemPriceId : price.locationId}>
          {name}
        </RecordLink>
        <span className={classes.dim}>
          {isLocation ? price.itemCode : null}
          {isOwn ? <span className={classes.own}>Own price</span> : null}
        </span>
      </th>
      {ownFields.map((field) => (
        <td key={field.path} className={classes.amount}>
          <InlineField
            isBare
            field={{ ...field, label: `${field.label} for ${name}` }}
            value={price[field.path as 'customPrice' | 'customTaxRate']}
            isEditing={editing === field.path}
            onEdit={() => setEditing(field.path)}
            onClose={() => setEditing((now) => (now === field.path ? null : now))}
            check={(next) => wordsFor('locationItemPrices', field.path, next)}
            onSave={(next) => save(field, next)}
          />
        </td>
      ))}
      <td className={classes.amount}>
        <span className={classes.final}>{formatDecimal(price.finalPrice)}</span>
        <span className={classes.dim}>{formatRate(price.finalTaxRate)} tax</span>
      </td>
      <td className={classes.back}>
        {isOwn ? (
          <Tooltip label={`Back to ${formatDecimal(price.defaultPrice)}, ${formatRate(price.defaultTaxRate)} tax`}>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${name}: back to the default`} onClick={() => void goBack()}>
              <IconArrowBackUp size={16} />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </td>
    </tr>
  );
}
