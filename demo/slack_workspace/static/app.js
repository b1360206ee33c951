// The page: keeps one snapshot of what this person sees and repaints what differs from it.
import { el, formatDate, mrkdwn } from "./mrkdwn.js";
import { closePopups } from "./elements.js";
import { emoji } from "./emoji.js";
import { renderBlocks } from "./blocks.js";
import { renderModal } from "./views.js";

const $ = (id) => document.getElementById(id);
const chosenPlace = { user: null, channel: null, home: false };
let shown = null;
let modal = { key: "", shade: null };
let thread = null;

async function send(act, body) {
  const answer = await fetch(`/_demo/${act}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: shown.user, channel: shown.channel, ...body }) });
  const result = await answer.json();
  if (result.error) toast(result.error);
  return result;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 5000);
}

const context = () => ({ users: new Map(shown.users.map((user) => [user.id, user])), channels: new Map(shown.channels.map((channel) => [channel.id, channel])) });

const COLORS = ["#4a154b", "#1264a3", "#2bac76", "#b7791f", "#c2415d"];
function avatar(user) {
  if (!user || user.is_bot) return el("div", { class: user ? "avatar bot" : "avatar slackbot" }, user ? "d" : "S");
  const people = shown.users.filter((each) => !each.is_bot);
  const node = el("div", { class: `avatar tone${people.findIndex((each) => each.id === user.id) % COLORS.length}` }, (user.real_name || user.name)[0].toUpperCase());
  return node;
}

function messageNode(message) {
  const names = context();
  const author = names.users.get(message.user);
  const local = { ...names, act: (action_id, value) => send("act", { message_ts: message.ts, action_id, value }),
    chosen: (block, action) => shown.chosen[message.ts]?.[block]?.[action] };
  const body = message.blocks?.length ? renderBlocks(message.blocks, local) : [mrkdwn(message.text, names)];
  const attachments = (message.attachments ?? []).map((each) => el("div", { class: "attachment" }, each.blocks ? renderBlocks(each.blocks, local) : mrkdwn(each.text ?? each.fallback ?? "", names)));
  return el("article", { class: `message${message.ephemeral ? " ephemeral" : ""}`, "data-ts": message.ts, "data-channel": shown.channel },
    avatar(author),
    el("div", { class: "content" },
      el("div", { class: "byline" }, el("b", {}, author ? author.real_name : "Slackbot"), author?.is_bot ?? true ? el("span", { class: "badge" }, "APP") : null,
        el("time", {}, formatDate(message.ts.split(".")[0], "{time}"))),
      message.ephemeral ? el("div", { class: "only-you" }, "Only visible to you") : null,
      message.subtype === "thread_broadcast" ? el("div", { class: "only-you" }, "Also sent to the channel") : null,
      body, attachments, message.edited ? el("span", { class: "edited" }, "(edited)") : null, replies(message)),
    message.ephemeral || message.thread_ts && message.thread_ts !== message.ts ? null
      : el("button", { type: "button", class: "reply", onclick: () => { thread = message.ts; compose(); $("line").focus(); } }, "Reply in thread"));
}

function replies(message) {
  if (!message.replies.length) return null;
  const count = message.replies.length;
  return el("div", { class: "thread" }, el("div", { class: "reply-count" }, `${count} ${count === 1 ? "reply" : "replies"}`), message.replies.map(messageNode));
}

function paintMessages() {
  const box = $("messages");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const old = new Map([...box.children].map((node) => [node.dataset.key, node]));
  const nodes = shown.messages.map((message) => {
    const key = JSON.stringify([shown.user, shown.channel, message, shown.chosen[message.ts]]);
    const node = old.get(key) ?? messageNode(message);
    node.dataset.key = key;
    return node;
  });
  if (nodes.length !== box.children.length || nodes.some((node, index) => node !== box.children[index])) box.replaceChildren(...nodes);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function paintHome() {
  const view = shown.home;
  const local = { ...context(), act: (action_id, value) => send("act_in_view", { view_id: view.id, action_id, value }), input: () => null,
    chosen: (block, action) => shown.chosen[view.id]?.[block]?.[action] };
  const body = view ? renderBlocks(view.blocks, local) : [el("p", { class: "empty" }, "This app has not published a Home tab for you yet.")];
  $("messages").replaceChildren(el("div", { class: "home", "data-home": view?.id ?? "" }, body));
}

function paintModal() {
  const key = shown.modal ? `${shown.modal.id} ${shown.modal.hash}` : "";
  if (key === modal.key) return;
  modal.shade?.remove();
  modal = { key, shade: null };
  if (!shown.modal) return;
  const view = shown.modal;
  const local = { ...context(), act: (action_id, value) => send("act_in_view", { view_id: view.id, action_id, value }) };
  modal.shade = renderModal(view, local, {
    submit: async (values) => (await send("submit", { view_id: view.id, values })).errors,
    close: () => send("close", { view_id: view.id }),
  });
}

function link(label, active, hooks, choose) {
  return el("li", {}, el("button", { type: "button", class: active ? "active" : "", ...hooks, onclick: choose }, label));
}

function go(change) { Object.assign(chosenPlace, change); thread = null; closePopups(); return refresh(); }

function paintSidebar() {
  $("team").textContent = shown.team;
  const label = (channel) => [el("span", { class: "sign" }, channel.is_private ? emoji("lock") : "#"), channel.name, channel.is_archived ? " (archived)" : ""];
  $("channels").replaceChildren(...shown.channels.filter((channel) => !channel.is_direct).map((channel) =>
    link(label(channel), !chosenPlace.home && channel.id === shown.channel, { "data-channel": channel.id }, () => go({ channel: channel.id, home: false }))));
  const direct = shown.channels.find((channel) => channel.is_direct);
  $("apps").replaceChildren(
    link([shown.bot.name, el("small", {}, " Home")], chosenPlace.home, { "data-app-home": shown.bot.id }, async () => { await go({ home: true }); await send("home", {}); }),
    ...(direct ? [link([shown.bot.name, el("small", {}, " Messages")], !chosenPlace.home && direct.id === shown.channel, { "data-channel": direct.id }, () => go({ channel: direct.id, home: false }))] : []));
  $("apps").append(shown.installed
    ? link([shown.bot.name, el("small", {}, " Remove")], false, { "data-app-remove": shown.bot.id }, () => send("uninstall", {}))
    : el("li", { class: "removed" }, `${shown.bot.name} was removed from this workspace.`));
  $("elsewhere").hidden = !shown.links.length;
  $("links").replaceChildren(...shown.links.map(({ label, url }) => el("li", {}, el("a", { href: url, target: "_blank", rel: "noreferrer" }, label))));
  $("people").replaceChildren(...shown.users.filter((user) => !user.is_bot).map((user) =>
    link([avatar(user), user.real_name], user.id === shown.user, { "data-user": user.id }, () => go({ user: user.id }))));
}

function compose() {
  const channel = shown.channels.find((each) => each.id === shown.channel);
  $("composer").hidden = chosenPlace.home || !channel || channel.is_archived;
  $("line").placeholder = thread ? "Reply in thread (Escape to leave the thread)" : `Message ${channel?.is_direct ? "" : "#"}${channel?.name ?? ""} or type ${shown.commands[0]} help`;
}

function paint() {
  const channel = shown.channels.find((each) => each.id === shown.channel);
  paintSidebar();
  $("title").textContent = chosenPlace.home ? shown.bot.name : channel ? `${channel.is_direct ? "" : "# "}${channel.name}` : "No channel yet";
  $("about").textContent = chosenPlace.home || !channel ? "" : `${channel.members} members${channel.has_bot ? "" : ` · ${shown.bot.name} is not in this channel`}`;
  compose();
  if (chosenPlace.home) paintHome(); else paintMessages();
  paintModal();
}

async function refresh() {
  const query = new URLSearchParams(Object.entries({ user: chosenPlace.user, channel: chosenPlace.channel }).filter(([, value]) => value));
  const next = await (await fetch(`/_demo/state?${query}`)).json();
  shown = next;
  paint();
}

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("line").value.trim();
  if (!text) return;
  $("line").value = "";
  await send("type", { text, thread_ts: thread });
});
$("line").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); $("composer").requestSubmit(); }
  if (event.key === "Escape") { thread = null; compose(); }
});
document.addEventListener("click", (event) => { if (!event.target.closest(".menu, .select, .overflow")) closePopups(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closePopups();
  document.querySelector('[data-dialog="confirm"]')?.parentElement.remove();
});

let queue = Promise.resolve();
const stream = new EventSource("/_demo/stream");
stream.onmessage = () => { queue = queue.then(refresh).catch(() => toast("The workspace does not answer.")); };
