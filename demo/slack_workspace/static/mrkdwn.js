// Slack's mrkdwn to DOM nodes. Text from outside only ever becomes text nodes, never markup.
import { emoji } from "./emoji.js";

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function safeLink(address, label) {
  const good = /^(https?:|mailto:)/i.test(address);
  return good ? el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label ?? address) : document.createTextNode(label ?? address);
}

const DATE_PARTS = {
  date_num: (d) => d.toISOString().slice(0, 10),
  date: (d) => d.toLocaleDateString("en-US", { dateStyle: "long" }),
  date_short: (d) => d.toLocaleDateString("en-US", { dateStyle: "medium" }),
  date_long: (d) => d.toLocaleDateString("en-US", { dateStyle: "full" }),
  time: (d) => d.toLocaleTimeString("en-US", { timeStyle: "short" }),
  time_secs: (d) => d.toLocaleTimeString("en-US", { timeStyle: "medium" }),
};

function relativeDay(date, format, capital) {
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86400000);
  const word = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return word ? (capital ? word[0].toUpperCase() + word.slice(1) : word) : DATE_PARTS[format](date);
}

export function formatDate(seconds, format) {
  const date = new Date(Number(seconds) * 1000);
  return format.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name.endsWith("_pretty") && DATE_PARTS[name.slice(0, -7)]) return relativeDay(date, name.slice(0, -7), format.startsWith(whole));
    return DATE_PARTS[name] ? DATE_PARTS[name](date) : whole;
  });
}

function special(inner, users, channels) {
  const [target, ...rest] = inner.split("|");
  const label = rest.length ? unescape(rest.join("|")) : undefined;
  if (target.startsWith("@")) return el("span", { class: "mention" }, "@" + (users.get(target.slice(1))?.name ?? label ?? target.slice(1)));
  if (target.startsWith("#")) return el("span", { class: "mention" }, "#" + (channels.get(target.slice(1))?.name ?? label ?? target.slice(1)));
  if (target.startsWith("!date^")) {
    const [, seconds, format, link] = target.split("^");
    const shown = Number.isFinite(Number(seconds)) ? formatDate(seconds, format ?? "") : (label ?? "");
    return link ? safeLink(link, shown) : el("time", { title: label }, shown);
  }
  if (target.startsWith("!")) return el("span", { class: "mention broadcast" }, "@" + target.slice(1).split("^")[0]);
  return safeLink(unescape(target), label);
}

const styled = (tag) => (match, context) => el(tag, {}, inline(match[1], context));
const RULES = [
  [/```\n?([\s\S]+?)\n?```/, (m) => el("pre", {}, unescape(m[1]))],
  [/`([^`\n]+)`/, (m) => el("code", {}, unescape(m[1]))],
  [/<([^<>\n]+)>/, (m, c) => special(m[1], c.users, c.channels)],
  [/:([a-z0-9_+'-]+):/, (m) => emoji(m[1]) ?? document.createTextNode(m[0])],
  [/(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])/, styled("b")],
  [/(?<![\w_])_(?!\s)([^_\n]+?)(?<!\s)_(?![\w_])/, styled("i")],
  [/(?<![\w~])~(?!\s)([^~\n]+?)(?<!\s)~(?![\w~])/, styled("s")],
];

function inline(text, context) {
  const nodes = [];
  for (let rest = text; rest; ) {
    const hits = RULES.map(([pattern, make]) => [pattern.exec(rest), make]).filter(([match]) => match);
    const [match, make] = hits.reduce((best, hit) => (hit[0].index < best[0].index ? hit : best), hits[0] ?? [null]);
    if (!match) { nodes.push(unescape(rest)); break; }
    if (match.index) nodes.push(unescape(rest.slice(0, match.index)));
    nodes.push(make(match, context));
    rest = rest.slice(match.index + match[0].length);
  }
  return nodes;
}

export function mrkdwn(text, context) {
  const out = el("div", { class: "mrkdwn" });
  let quote = null;
  for (const piece of text.split(/(```[\s\S]+?```)/)) {
    if (piece.startsWith("```")) { out.append(...inline(piece, context)); continue; }
    const lines = piece.split("\n");
    if (out.lastChild?.nodeName === "PRE" && !lines[0]) lines.shift();
    lines.forEach((line, index) => {
      const quoted = /^(&gt;|>) ?/.exec(line);
      if (quoted && !quote) out.append((quote = el("blockquote")));
      if (!quoted) quote = null;
      (quote ?? out).append(...inline(quoted ? line.slice(quoted[0].length) : line, context));
      if (index < lines.length - 1) (quote ?? out).append("\n");
    });
  }
  return out;
}

export function plain(text) {
  const nodes = text.split(/(:[a-z0-9_+'-]+:)/).map((part) => (/^:.+:$/.test(part) && emoji(part.slice(1, -1))) || part);
  return nodes;
}

export const textObject = (object, context) => (object.type === "mrkdwn" ? mrkdwn(object.text, context) : el("span", {}, plain(object.text)));
