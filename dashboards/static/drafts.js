// Notes and photos kept in the browser until the server has them: a bad line, a reload, a sign-in lose none.
// A draft: key, account, alert, kind (note, photo), text, blob, name, state (typing, waiting, refused), fault,
// at (when it was begun).
import { t } from "./i18n.js";

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;
const PATIENCE_MS = { note: 20_000, photo: 120_000 };
const LATER = new Set([408, 425, 429]);
let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("hazmat-drafts", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opening;
}

async function ask(mode, question) {
  const transaction = (await database()).transaction("drafts", mode);
  const asked = question(transaction.objectStore("drafts"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const keep = (draft) => ask("readwrite", (store) => store.put(draft));
export const discard = (key) => ask("readwrite", (store) => store.delete(key));
export const everybodys = () => ask("readonly", (store) => store.getAll());
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Sends an account's waiting drafts, oldest first, again and again until they have arrived. Tells "change".
export class Sender extends EventTarget {
  constructor(account) {
    super();
    this.account = account;
    this.csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
    this.sending = ""; // key of the draft on its way
    this.sentAt = null;
    this.signIn = false; // nobody, or another account, is signed in by now
    this.pause = 0;
    this.timer = 0;
    this.running = null;
    addEventListener("online", () => this.send());
  }

  async drafts() {
    const found = (await everybodys()).filter(({ account }) => account === this.account);
    return found.sort((one, other) => one.at - other.at);
  }

  // One at a time; whoever asks meanwhile is served by the round that follows.
  send() {
    this.again = true;
    this.running ??= this.rounds().finally(() => (this.running = null));
    return this.running;
  }

  async rounds() {
    clearTimeout(this.timer);
    while (this.again) {
      this.again = false;
      for (const draft of (await this.drafts()).filter(({ state }) => state === "waiting")) {
        if (!(await this.sendOne(draft))) return;
      }
    }
  }

  async sendOne(draft) {
    this.tell({ sending: draft.key });
    const answer = await this.post(draft);
    if (answer === null || answer.status >= 500 || LATER.has(answer.status)) return this.wait();
    if (answer.status === 401 || answer.status === 403) return this.stop();
    this.pause = 0;
    if (answer.ok) {
      await discard(draft.key);
      this.tell({ sending: "", sentAt: new Date(), signIn: false, arrived: draft });
    } else {
      await keep({ ...draft, state: "refused", fault: await faultOf(answer) });
      this.tell({ sending: "" });
    }
    return true;
  }

  async post(draft) {
    const answer = await this.tryPost(draft);
    const stale = answer !== null && (answer.status === 401 || answer.status === 403);
    return stale && (await this.renew()) ? this.tryPost(draft) : answer;
  }

  async tryPost({ key, alert, kind, text, blob, name }) {
    const body = new FormData();
    body.set("text", text);
    body.set("draft_key", key);
    if (blob) body.set("photos", blob, name);
    const headers = { Accept: "application/json", "X-CSRF": this.csrf };
    const signal = AbortSignal.timeout(PATIENCE_MS[kind]);
    return fetch(`/alerts/${alert}/${kind}`, { method: "POST", body, headers, signal }).catch(() => null);
  }

  // After a new sign-in the page's token is the old session's. False: another account is signed in, or
  // nobody: a draft is never sent in another's name.
  async renew() {
    const answer = await fetch("/inbox").catch(() => null);
    if (!answer?.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("[data-account]")?.dataset.account !== this.account) return false;
    this.csrf = page.querySelector('meta[name="csrf"]').content;
    return true;
  }

  wait() {
    this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2 || FIRST_PAUSE_MS);
    this.timer = setTimeout(() => this.send(), this.pause);
    this.tell({ sending: "" });
    return false;
  }

  stop() {
    this.tell({ sending: "", signIn: true });
    return false;
  }

  tell({ arrived = null, ...state }) {
    Object.assign(this, state);
    this.dispatchEvent(new CustomEvent("change", { detail: arrived }));
  }
}

async function faultOf(answer) {
  const { detail } = await answer.json().catch(() => ({}));
  const first = Array.isArray(detail) ? detail[0]?.fault : detail;
  return first ?? t("The server refused it ({status})", { status: answer.status });
}
