import { IconTag } from '@tabler/icons-react';
import type { ItemPriceView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import type { NounScreen } from '../records/noun-screen.ts';

export const itemPriceScreen: NounScreen = {
  noun: 'itemPrices',
  title: 'Prices',
  icon: <IconTag size={18} stroke={1.75} />,
  purpose: 'Items are what you invoice, with the price that counts everywhere unless a location has its own.',
  formFields: ['invoiceItem', 'itemCode', 'defaultPrice', 'defaultTaxRate'],
  tones: {},
  Facts: ({ record }) => {
    const item = record as ItemPriceView;
    return (
      <>
        <Fact label="Code">{item.itemCode}</Fact>
        <Fact label="Default price">{formatDecimal(item.defaultPrice)}</Fact>
        <Fact label="Tax">{formatRate(item.defaultTaxRate)}</Fact>
      </>
    );
  },
};
