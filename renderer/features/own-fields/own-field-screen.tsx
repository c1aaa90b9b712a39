import { IconForms } from '@tabler/icons-react';
import type { OwnFieldView } from '../../../shared/contracts/record.contract.ts';
import { ownFieldKinds, ownFieldNouns } from '../../../shared/nouns/own-field/own-field.ts';
import { Fact } from '../../ui/fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

/** A list like any other: making, changing, archiving and taking back work as everywhere. Reached from Settings. */
export const ownFieldScreen: NounScreen = {
  noun: 'ownFields',
  title: 'Own fields',
  icon: <IconForms size={18} stroke={1.75} />,
  purpose:
    'Fields that Fieldbook does not have: the year a client was founded, the size of a site. Values of an import are found by their name.',
  formFields: ['label', 'noun', 'fieldKind', 'order', 'choices'],
  tones: {},
  Facts: ({ record }) => {
    const field = record as OwnFieldView;
    return (
      <>
        <Fact label="For">{ownFieldNouns[field.noun]}</Fact>
        <Fact>{ownFieldKinds[field.fieldKind]}</Fact>
        {field.isArchived ? <Fact>Archived: values stay, nothing new is asked</Fact> : null}
      </>
    );
  },
};
