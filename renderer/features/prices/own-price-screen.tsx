import { IconTags } from '@tabler/icons-react';
import type { LocationItemPriceView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const ownPriceScreen: NounScreen = {
  noun: 'locationItemPrices',
  title: 'Own prices',
  icon: <IconTags size={18} stroke={1.75} />,
  purpose: 'Own prices are what a location pays instead of an item’s default. Everywhere else the default counts.',
  formFields: ['locationId', 'itemPriceId', 'customPrice', 'customTaxRate'],
  tones: {},
  Facts: ({ record }) => {
    const price = record as LocationItemPriceView;
    return (
      <>
        <LinkFact label="Location" noun="locations" id={price.locationId} name={price.locationName} />
        <LinkFact label="Item" noun="itemPrices" id={price.itemPriceId} name={price.itemPriceName} />
        <Fact label="Price">{formatDecimal(price.finalPrice)}</Fact>
        <Fact label="Tax">{formatRate(price.finalTaxRate)}</Fact>
      </>
    );
  },
};
