/** Invoices and payments. */
export const invoicesWords = {
  'invoices.languageUnknown': 'This language is not known. Choose another one.',
  'invoices.numberTaken': ({ name }: { name: string }) =>
    `Another invoice has the number ${name} already, so nothing was changed. Each number is given once.`,
  'invoices.clientUnknown': 'The client of this invoice is not in the book. Choose another client.',
  'invoices.draftTakesNoPayments': 'A draft takes no payments. Issue the invoice first, then add the payment.',
  'invoices.tooManyDecimals': ({ currency, example }: { currency: string; example: string }) =>
    `This amount has more decimals than ${currency} has. Write it as ${example}.`,
  'invoices.cancelledKeepsPayments': ({ paid, currency }: { paid: string; currency: string }) =>
    `A cancelled invoice has no payments, and this one would keep ${paid} ${currency}. Remove the payments first.`,
  'invoices.overpaid': ({ over, currency }: { over: string; currency: string }) =>
    `This is ${over} ${currency} more than the invoice asks for, so it was not added. Check the amount; what was paid too much belongs on another invoice.`,
  'invoices.givesBackMore': ({ due, currency }: { due: string; currency: string }) =>
    `This gives back more than was paid, so it was not added. ${due} ${currency} would be due. Check the amount.`,
  'invoices.draftIsNotSent': 'A draft has no number and is not sent. Issue the invoice first, then say when it was sent.',
  'invoices.sentAhead': 'This day lies in the future. Write the day when the invoice was sent, or leave it empty until then.',
  'invoices.sentBeforeIssue': 'The invoice would be sent before it was issued. Choose the day it was issued, or a later one.',
  'invoices.isIssued': ({ number }: { number: string | null }) =>
    `Invoice ${number ?? 'without a number'} is issued, so its number, client, lines and dates stay as they are and it cannot be deleted. Cancel it and make a new one instead.`,
  'invoices.dueBeforeIssue': 'The invoice would be due before it is issued. Choose a later due date, or an earlier issue date.',
  'invoices.noPrinter':
    'No browser that makes PDF files was found on this computer. Print the invoice, and choose "Save as PDF" as the printer.',
  'invoices.clientGone':
    'The client of this invoice is not in the book, so it was not printed. Check the book in Settings, or choose another client.',
  'invoices.locationOfOtherClient':
    'This location belongs to another client, so nothing was changed. Choose a location of this client, or none.',
  'invoices.isDeleted': 'This invoice is deleted, so it was not changed. Restore it first.',
  'invoices.noLines': 'This invoice has no lines, so it was not issued and no number was used. Add a line first.',
  'invoices.noSeller':
    'An invoice says who sends it, and your company has no name yet, so this one was not issued and no number was used. Write the name in Settings, "Our company", then issue it.',
  'invoices.isDraft': 'This invoice is a draft and has no number yet. Delete it instead of cancelling it.',
  'invoices.isCancelled': 'This invoice is cancelled already.',
  'invoices.paymentOfNothing': 'A payment of nothing was not added. Write the amount that was paid.',
  'invoices.cancelledTakesNoPayments':
    'This invoice is cancelled, so it takes no payments. Add the payment to the invoice that took its place.',
  'invoices.paymentGone': 'This payment is not on the invoice any more. Open the invoice again.',
  'invoices.itemGone': 'This item is not in the price list any more. Choose another one, or write the line by hand.',
  'invoices.lineSaysNothing': 'This line says nothing yet. Choose an item or write what it is for.',
  'invoices.prefixForm': 'Write two to eight letters or digits, like K7M2X.',
  'invoices.prefixFixed': ({ prefix }: { prefix: string }) =>
    `Invoices were issued on this device with ${prefix}, and their numbers go on without a gap. The prefix stays.`,
  'invoices.prefixTaken': ({ prefix }: { prefix: string }) =>
    `Invoices from elsewhere begin with ${prefix} already. Choose another prefix, so that no two numbers are the same.`,
} as const;
