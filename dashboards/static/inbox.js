// The inbox stays fresh by itself, sorts by distance when asked to, and sends what waits on this phone.
import { Sender } from "./drafts.js";
import { t, tn } from "./i18n.js";

const inbox = document.getElementById("inbox");
const fresh = document.getElementById("fresh");
const locate = document.getElementById("locate");
let lastFresh = new Date();

const clock = (date) => date.toTimeString().slice(0, 8);
const rowLinks = (root) => [...root.querySelectorAll(".alert-link")].map((link) => link.getAttribute("href"));

function say(text, old = false) {
  fresh.textContent = text;
  fresh.classList.toggle("old", old);
}

async function load() {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  if (answer.redirected) return say(t("You are signed out; load the page again to sign in."), true);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = new Set(rowLinks(document));
  const added = rowLinks(page).filter((href) => !known.has(href)).length;
  take(page);
  lastFresh = new Date();
  const said = t("As of {time}", { time: clock(lastFresh) });
  const news = tn("{count} new alert", "{count} new alerts", added);
  return say(added ? `${said} · ${news}` : said);
}

// The new rows stand in place of the old; whoever is in the middle of them stays there.
function take(page) {
  const focused = document.activeElement?.closest?.(".alert-link")?.getAttribute("href");
  document.getElementById("rows").replaceWith(document.adoptNode(page.getElementById("rows")));
  for (const count of page.querySelectorAll(".count"))
    document.getElementById(count.id).textContent = count.textContent;
  if (focused) document.querySelector(`.alert-link[href="${CSS.escape(focused)}"]`)?.focus();
}

async function refresh() {
  if (document.hidden) return;
  const still = () => t("No connection: this is the list of {time}", { time: clock(lastFresh) });
  await load().catch(() => say(still(), true));
}

function sortByDistance() {
  const fault = document.getElementById("locate-fault");
  fault.textContent = t("Asking for the position…");
  const go = ({ coords }) => {
    const asked = new URL(location.href);
    asked.searchParams.set("lon", coords.longitude.toFixed(4));
    asked.searchParams.set("lat", coords.latitude.toFixed(4));
    location.assign(asked);
  };
  const give = () => (fault.textContent = t("The phone gave no position; the list stays as it is."));
  navigator.geolocation.getCurrentPosition(go, give, { timeout: 15_000, maximumAge: 60_000 });
}

async function showDrafts(sender) {
  const waiting = await sender.drafts();
  const line = document.getElementById("drafts");
  line.hidden = !waiting.length;
  line.textContent = tn(
    "{count} draft is kept on this phone:",
    "{count} drafts are kept on this phone:",
    waiting.length,
  );
  for (const alert of new Set(waiting.map((each) => each.alert))) {
    const link = document.createElement("a");
    [link.href, link.textContent] = [`/alerts/${alert}#handling`, t("to its alert")];
    line.append(" ", link);
  }
}

setInterval(refresh, Number(inbox.dataset.refresh) * 1000);
addEventListener("online", refresh);
document.addEventListener("visibilitychange", refresh);
if (locate && navigator.geolocation) {
  locate.hidden = false;
  locate.addEventListener("click", sortByDistance);
}
const sender = new Sender(inbox.dataset.account);
sender.addEventListener("change", () => showDrafts(sender));
showDrafts(sender)
  .then(() => sender.send())
  .catch((error) => console.warn("no drafts", error));
