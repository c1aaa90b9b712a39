import { describe, expect, it } from 'vitest';
import {
  computeLocationContact,
  locationContactFieldsSchema,
  locationContactProblem,
} from '../../../../../shared/nouns/location-contact/location-contact.ts';

const role = (dates: { startDate?: string; endDate?: string; isActive?: boolean }) =>
  locationContactFieldsSchema.parse({ locationId: 'north-depot', contactId: 'gabriel', ...dates });

describe('Who works where', () => {
  it('needs only a location and a contact', () => {
    expect(role({})).toEqual({
      locationId: 'north-depot',
      contactId: 'gabriel',
      title: null,
      startDate: null,
      endDate: null,
      isActive: true,
      isProgramContact: false,
      externalIds: {},
      custom: {},
    });
  });

  it('refuses an end before the start, and takes a single day', () => {
    expect(locationContactProblem(role({ startDate: '2020-01-02', endDate: '2020-01-01' }))).toMatchObject({
      code: 'END_BEFORE_START',
      field: 'endDate',
    });
    expect(locationContactProblem(role({ startDate: '2020-01-01', endDate: '2020-01-01' }))).toBeNull();
    expect(locationContactProblem(role({ endDate: '2020-01-01' }))).toBeNull();
  });

  it('counts the first and the last day as working there', () => {
    const years = role({ startDate: '2020-01-01', endDate: '2023-07-01' });
    expect(['2019-12-31', '2020-01-01', '2023-07-01', '2023-07-02'].map((day) => computeLocationContact(years, day).isCurrent)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(computeLocationContact({ ...years, isActive: false }, '2021-01-01').isCurrent).toBe(false);
  });

  it('refuses a day that does not exist', () => {
    expect(locationContactFieldsSchema.safeParse({ locationId: 'a', contactId: 'b', startDate: '2023-02-29' }).success).toBe(false);
  });
});
