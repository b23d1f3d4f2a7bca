// An alert's page on a bad line: what is typed or photographed is kept at once and sent when it can be.
import { discard, everybodys, keep, newKey, Sender } from "./drafts.js";
import { t } from "./i18n.js";
import { shrunk } from "./shrink.js";

const section = document.getElementById("handling");
const { alert, account } = section.dataset;
const note = document.getElementById("note");
const caption = document.getElementById("caption");
const list = document.getElementById("draft-list");
const sender = new Sender(account);
let noteKey = newKey();

const clock = (date) => new Date(date).toTimeString().slice(0, 5);
const made = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });
const draft = (kind, values) => ({
  key: newKey(),
  account,
  alert,
  kind,
  text: "",
  blob: null,
  name: "",
  state: "typing",
  fault: "",
  at: Date.now(),
  ...values,
});
const here = async () => (await sender.drafts()).filter((each) => each.alert === alert);

function keepNote(state = "typing") {
  if (!note.value.trim()) return discard(noteKey);
  return keep(draft("note", { key: noteKey, text: note.value, state }));
}

async function keepPhotos(files) {
  for (const file of files) {
    const blob = await shrunk(file);
    await keep(draft("photo", { blob, name: file.name || "photo.jpg" }));
  }
  await show();
}

async function sendNote(event) {
  event.preventDefault();
  if (!note.value.trim()) return note.focus();
  await keepNote("waiting");
  note.value = "";
  noteKey = newKey();
  await show();
  return sender.send();
}

async function sendPhotos(event) {
  event.preventDefault();
  const chosen = (await here()).filter(({ kind, state }) => kind === "photo" && state === "typing");
  for (const [n, each] of chosen.entries())
    await keep({ ...each, state: "waiting", text: n ? "" : caption.value });
  if (chosen.length) caption.value = "";
  else document.getElementById("photo-fault").textContent = t("No photo was chosen");
  await show();
  return sender.send();
}

// A draft that was refused comes back to where it was written.
async function edit(each) {
  await discard(each.key);
  note.value = each.text;
  await keepNote();
  note.focus();
  await show();
}

function stateOf({ key, state, fault }) {
  if (state === "refused") return fault;
  if (key === sender.sending) return t("being sent");
  if (state === "typing") return t("kept on this phone, not sent yet");
  return t("kept on this phone, is sent when it can be");
}

function line(each) {
  const row = made("li");
  if (each.blob) row.append(thumbnail(each));
  row.append(made("span", `${each.text || each.name} · ${stateOf(each)}`));
  if (each.state === "refused" && each.kind === "note") row.append(button(t("Edit"), () => edit(each)));
  row.append(button(t("Discard"), () => discard(each.key).then(show)));
  return row;
}

function thumbnail({ blob, name }) {
  const picture = Object.assign(new Image(), { alt: name, src: URL.createObjectURL(blob) });
  picture.onload = () => URL.revokeObjectURL(picture.src);
  return picture;
}

function button(text, act) {
  const pressed = Object.assign(made("button", text), { type: "button", className: "quiet" });
  pressed.addEventListener("click", act);
  return pressed;
}

function stateLine(foreign) {
  if (sender.signIn) return t("Sign in, then it is sent.");
  if (sender.sending) return t("being sent");
  if (sender.pause) return t("No connection. It is tried again by itself.");
  if (sender.sentAt) return t("sent {time}", { time: clock(sender.sentAt) });
  if (!foreign) return "";
  return t("Another account's drafts wait on this phone until it signs in: {count}", { count: foreign });
}

async function show() {
  const mine = (await here()).filter(({ key }) => key !== noteKey);
  const foreign = (await everybodys()).filter((each) => each.account !== account).length;
  const said = stateLine(foreign);
  list.replaceChildren(...mine.map(line));
  const state = document.getElementById("drafts-state");
  state.textContent = said;
  if (sender.signIn) {
    const link = Object.assign(made("a", t("Sign in")), { href: `/login?then=/alerts/${alert}` });
    state.append(" ", link);
  }
  document.getElementById("drafts").hidden = !mine.length && !said;
}

// What has arrived stands in the history.
async function refreshHistory() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("history");
  if (fresh) document.getElementById("history").replaceWith(document.adoptNode(fresh));
}

function listen() {
  note.addEventListener("input", () => keepNote().catch(() => {}));
  document.getElementById("note-form").addEventListener("submit", sendNote);
  document.getElementById("photo-form").addEventListener("submit", sendPhotos);
  for (const input of document.querySelectorAll('#photo-form input[type="file"]')) {
    input.addEventListener("change", async () => {
      await keepPhotos(input.files);
      input.value = "";
    });
  }
  sender.addEventListener("change", ({ detail }) => {
    show();
    if (detail) refreshHistory();
  });
}

async function start() {
  const kept = (await here()).find(({ kind, state }) => kind === "note" && state === "typing");
  listen();
  if (note.value)
    await keepNote(); // typed before this script was there, or sent back by the server
  else if (kept) [noteKey, note.value] = [kept.key, kept.text];
  await show();
  section.dataset.drafts = "kept";
  await sender.send();
}

// Without a place to keep drafts (a private window) the forms are sent as they are.
start().catch((error) => console.warn("no drafts", error));
