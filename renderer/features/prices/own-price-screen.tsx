import { IconTags } from '@tabler/icons-react';
import type { LocationItemPriceView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import { RecordLink } from '../records/record-link.tsx';
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
        <Fact label="Location">
          <RecordLink noun="locations" id={price.locationId}>
            {price.locationName ?? 'Unnamed location'}
          </RecordLink>
        </Fact>
        <Fact label="Item">
          <RecordLink noun="itemPrices" id={price.itemPriceId}>
            {price.itemPriceName ?? 'Unnamed item'}
          </RecordLink>
        </Fact>
        <Fact label="Price">{formatDecimal(price.finalPrice)}</Fact>
        <Fact label="Tax">{formatRate(price.finalTaxRate)}</Fact>
      </>
    );
  },
};
