import { NativeSelect, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { Company } from '../../../shared/contracts/app.contract.ts';
import { type TaxRounding, taxRoundings } from '../../../shared/nouns/invoice/invoice.ts';
import { invoices, useNumbering } from '../../api/invoices.ts';
import { announce } from '../../ui/announcer.tsx';
import { SettingRow, TextSetting } from '../settings/setting-row.tsx';
import { say } from '../../../shared/words/say.ts';

const fields: readonly { part: Exclude<keyof Company, 'taxRounding'>; label: string; text: string; max: number; rows?: number }[] = [
  { part: 'name', label: 'Company name', text: 'Stands at the top of every invoice.', max: 200 },
  { part: 'address', label: 'Company address', text: 'As it is written on a letter.', max: 1000, rows: 3 },
  { part: 'taxId', label: 'Tax ID', text: 'VAT number or the like, where the law asks for it.', max: 100 },
  { part: 'bankLine', label: 'How to pay', text: 'Bank and account. Stands at the end of every invoice.', max: 500, rows: 2 },
  { part: 'logoText', label: 'Logo text', text: 'A letter or a word, set in a box in the place of a logo.', max: 60 },
];

/** Who sends the invoices, how their tax is rounded, and what their numbers begin with. */
export function CompanySettings({ company, onChange }: { company: Company; onChange: (company: Company) => void }) {
  const rounding = useId();
  return (
    <>
      {fields.map((field) => (
        <TextSetting
          key={`${field.part} ${company[field.part]}`}
          {...field}
          value={company[field.part]}
          onChange={(value) => onChange({ ...company, [field.part]: value })}
        />
      ))}
      <SettingRow
        label="Tax is rounded"
        htmlFor={rounding}
        text="Of invoices made from now on. Where one has many small lines the two differ by cents; your tax office says which it wants."
      >
        <NativeSelect
          id={rounding}
          size="xs"
          w={260}
          data={Object.entries(taxRoundings).map(([value, label]) => ({ value, label }))}
          value={company.taxRounding}
          onChange={(event) => onChange({ ...company, taxRounding: event.currentTarget.value as TaxRounding })}
        />
      </SettingRow>
      <PrefixSetting />
    </>
  );
}

function PrefixSetting() {
  const [round, setRound] = useState(0);
  const numbering = useNumbering(`settings ${round}`).data;
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  if (numbering === undefined) return null;
  const { prefix, next, isFixed } = numbering;
  const save = async () => {
    if (typed === null || typed.trim().toUpperCase() === prefix) return setTyped(null);
    const result = await invoices.setPrefix(typed);
    if (!result.ok) return setProblem(say(result.error));
    setTyped(null);
    setRound(round + 1);
    announce(`Invoice numbers on this computer begin with ${result.value.prefix}`);
  };
  return (
    <SettingRow
      label="Invoice numbers begin with"
      htmlFor={id}
      text={
        isFixed
          ? `Invoices were issued on this computer, so this stays. The next one is ${next}.`
          : `Of this computer alone, so that numbers given offline never meet. The first one is ${next}.`
      }
    >
      <TextInput
        id={id}
        size="xs"
        w={260}
        maxLength={8}
        disabled={isFixed}
        error={problem}
        value={typed ?? prefix}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setProblem(null);
        }}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void save();
          if (event.key === 'Escape') setTyped(null);
        }}
      />
    </SettingRow>
  );
}
