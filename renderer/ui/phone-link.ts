/** Words before the number itself: "Tel.:", "Phone". Both look at a text whose spaces are single, and none is looked at for long. */
const label = /^[\p{L}. ]{1,30}:? ?(?=[\d+(])/u;
const extension = /[ ,;/]{0,5}(?:extension|ext|durchwahl|dw|x)[ .:=]{0,5}(\d{1,10})$/i;
/** Shorter than a number for help (112), or longer than any number may be (E.164 has 15 digits, and a prefix for an outside line). */
const [shortest, longest] = [3, 20];

/**
 * What the system's phone is told to dial: the digits of a number as people write it, without what stands before it and with
 * its extension apart. Null for what is no number, or more than one: dialling a wrong person is worse than dialling none.
 */
export function numberToDial(phone: string): { number: string; extension: string | null } | null {
  const said = phone.replace(/\s+/g, ' ').trim();
  const found = extension.exec(said);
  const text = (found === null ? said : said.slice(0, found.index)).replace(label, '').trim();
  // "+49 (0)30": the zero is dialled inside of the country alone.
  const number = (text.startsWith('+') ? text.replace(/\(0\)/g, '') : text).replace(/[\s().\-\u2010-\u2015/]/g, '');
  if (!/^\+?[\d*#]+$/.test(number) || number.length < shortest || number.length > longest) return null;
  return { number, extension: found?.[1] ?? null };
}

export function telLink(phone: string): string | null {
  const dial = numberToDial(phone);
  // In an address # would begin a fragment.
  return dial === null ? null : `tel:${dial.number.replaceAll('#', '%23')}${dial.extension === null ? '' : `;ext=${dial.extension}`}`;
}

/** A message goes to a number, and never to an extension of one. */
export function smsLink(phone: string): string | null {
  const dial = numberToDial(phone);
  return dial === null || dial.extension !== null || /[*#]/.test(dial.number) ? null : `sms:${dial.number}`;
}
