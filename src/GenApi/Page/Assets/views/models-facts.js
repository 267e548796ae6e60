// Prices, states and names of models, as the list and the details show them.
import { html } from '../kernel/dom.js';
import { money, number, t } from '../kernel/words.js';

/** What a request writes to get exactly this model. */
export const nameOf = (model) => model.alias ?? model.model;

/** The path of a model in the API. */
export const modelPath = (name) => `models/${name.split('/').map(encodeURIComponent).join('/').replace(/%3A/gi, ':')}`;

const exactly = { style: 'currency', currency: 'USD', maximumSignificantDigits: 6, minimumSignificantDigits: 1 };
const amount = (usd) => number(Number(usd), exactly);

/** The price of a usual run in a few words. */
export function usualPrice(price) {
  if (!price) return t('models.no-price');
  if (price.typical_usd !== null) return t('models.usual-price', { price: money(price.typical_usd) });
  return prices(price)[0] ?? t('models.no-price');
}

/** Each part of a price, such as `$0.003 for each image`. The parts add up. */
export function prices(price) {
  if (!price) return [];
  return [
    price.usd_per_second !== null && t('models.per-second', { price: amount(price.usd_per_second), hardware: price.hardware }),
    price.usd_per_run !== null && t('models.per-run', { price: amount(price.usd_per_run) }),
    price.usd_per_image !== null && t('models.per-image', { price: amount(price.usd_per_image) }),
    price.usd_per_megapixel !== null && t('models.per-megapixel', { price: amount(price.usd_per_megapixel) }),
  ].filter(Boolean);
}

const marks = { warm: '●', cold: '○', unknown: '?' };

/** Whether the next run would start at once, as a word with a mark. */
export function State({ model }) {
  return html`
    <span class="models-state models-state-${model.state}">
      <span aria-hidden="true">${marks[model.state]}</span> ${t(`models.state-${model.state}`)}
    </span>`;
}
