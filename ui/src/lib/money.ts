/** Amounts in US dollars, as people read them. */

function grouped(amount: number, decimals: number): string {
  return amount.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `$0.0093`, `$0.0412`, `$6.18`: four decimals below a dollar, two from there. */
export function exact(usd: number): string {
  const decimals = Math.abs(usd) < 1 ? 4 : 2;
  if (usd > 0 && usd < 0.00005) return '<$0.0001';
  return `${usd < 0 ? '−' : ''}$${grouped(Math.abs(usd), decimals)}`;
}

/** `$0.04`, `$6.18`: for lists and balances. What is not nothing is never shown as nothing. */
export function cents(usd: number): string {
  if (usd > 0 && usd < 0.005) return '<$0.01';
  return `${usd < 0 ? '−' : ''}$${grouped(Math.abs(usd), 2)}`;
}

/** `≈ $0.011`: an estimate, to two figures or the cent, for it knows no more. */
export function about(usd: number): string {
  if (usd === 0) return 'free';
  if (usd < 0.0001) return '< $0.0001';
  if (usd >= 10) return `≈ $${grouped(usd, 0)}`;
  const decimals = usd >= 0.1 ? 2 : 1 - Math.floor(Math.log10(usd));
  return `≈ $${grouped(usd, decimals)}`;
}

/** `$3`, `$0.25`, `$3.75`: a price for a million tokens, as short as it goes. */
export function price(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.01) return `$${Number(usd.toPrecision(2))}`;
  return `$${usd.toLocaleString('en-US', { maximumFractionDigits: 2 })}`;
}

/** `$3 / $15`, `Free`, or `Varies`. */
export function pricePair(model: { free: boolean; inputPrice: number | null; outputPrice: number | null }): string {
  if (model.free) return 'Free';
  if (model.inputPrice === null || model.outputPrice === null) return 'Varies';
  return `${price(model.inputPrice)} / ${price(model.outputPrice)}`;
}

/** `$3.00 / M`. */
export function perMillion(usd: number | null): string {
  if (usd === null) return 'Varies';
  return `$${grouped(usd, usd > 0 && usd < 0.01 ? 4 : 2)} / M`;
}

/** What an answer costs, or null when the model's prices vary. */
export function estimate(
  model: { free: boolean; inputPrice: number | null; outputPrice: number | null },
  tokensIn: number,
  tokensOut: number,
): number | null {
  if (model.free) return 0;
  if (model.inputPrice === null || model.outputPrice === null) return null;
  return (model.inputPrice * tokensIn + model.outputPrice * tokensOut) / 1e6;
}
