// The interface's words. `t("undo")` gives those of the language that is chosen.

let all = { zh: {}, en: {} };
let language = "zh";

export async function loadWords(chosen) {
  all = await (await fetch("static/words.json")).json();
  language = localStorage.getItem("culti-language") || chosen;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

export function t(key, values) {
  let text = all[language][key] ?? key;
  for (const [name, value] of Object.entries(values || {})) text = text.replaceAll(`{${name}}`, value);
  return text;
}

// A word for a value that the release has, such as a kind; the value itself where there is none.
export function tell(group, value) {
  return all[language][`${group}.${value}`] ?? value;
}

export function turnLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("culti-language", language);
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

export function tellTime(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const hours = Math.floor(minutes / 60);
  return hours ? t("time.hours", { h: hours, m: minutes % 60 }) : t("time.minutes", { m: minutes });
}
