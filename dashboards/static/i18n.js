// Words in the page's language: English in the sources, the catalogue from the server.
const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const version = document.querySelector('meta[name="version"]')?.content ?? "";
const catalogue = (await import(`/texts/${language}.js?v=${version}`)).default;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? `{${name}}`);

// t("{count} trucks", { count: 3 }); tn chooses by the number where a language has two forms.
export const t = (text, values = {}) => fill(catalogue[text] ?? text, values);
export const tn = (one, many, count, values = {}) =>
  fill(catalogue[one] ?? (count === 1 ? one : many), { count, ...values });
export const LANGUAGE = language;
