// Block Kit blocks to DOM nodes.
import { el, mrkdwn, plain, safeLink, textObject } from "./mrkdwn.js";
import { element, image } from "./elements.js";
import { emoji } from "./emoji.js";

const RICH = {
  text: (part) => (part.style ? Object.entries({ bold: "b", italic: "i", strike: "s", code: "code" }).reduce((node, [name, tag]) => (part.style[name] ? el(tag, {}, node) : node), part.text) : part.text),
  link: (part) => safeLink(part.url, part.text),
  emoji: (part) => emoji(part.name) ?? `:${part.name}:`,
  user: (part, context) => mrkdwn(`<@${part.user_id}>`, context),
  channel: (part, context) => mrkdwn(`<#${part.channel_id}>`, context),
  rich_text_section: (part, context) => el("div", {}, rich(part.elements, context)),
  rich_text_preformatted: (part, context) => el("pre", {}, rich(part.elements, context)),
  rich_text_quote: (part, context) => el("blockquote", {}, rich(part.elements, context)),
  rich_text_list: (part, context) => el(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((item) => el("li", {}, rich([item], context)))),
};
const rich = (parts, context) => parts.map((part) => RICH[part.type]?.(part, context) ?? "");

const cell = (value, context) => (value.type === "rich_text" ? rich(value.elements, context) : [String(value.text ?? value.value ?? "")]);
function table(block, context) {
  const [head, ...rows] = block.rows;
  return el("table", {}, block.caption ? el("caption", {}, block.caption) : null,
    el("thead", {}, el("tr", {}, head.map((each) => el("th", {}, cell(each, context))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((each) => el("td", {}, cell(each, context)))))));
}

function chart(block) {
  const points = block.chart.segments ?? block.chart.series.flatMap((series) => series.data.map((point) => ({ ...point, series: series.name })));
  const top = Math.max(...points.map((point) => Math.abs(point.value)), Number.MIN_VALUE);
  const rows = points.map((point) => {
    const bar = el("progress", { value: Math.abs(point.value), max: top });
    return el("div", { class: "chart-row", title: point.series }, el("span", {}, point.label), bar, el("span", {}, point.value.toLocaleString("en-US")));
  });
  return [el("div", { class: "chart-title" }, block.title), rows];
}

// A long section is folded as Slack folds it; what somebody unfolded stays so when the message is painted anew.
const FOLDED_FROM = 900;
const unfolded = new Set();
function fold(body, block) {
  const key = block.text?.text ?? "";
  if (block.expand || key.length < FOLDED_FROM || unfolded.has(key)) return body;
  body.classList.add("folded");
  const more = el("button", { type: "button", class: "see-more", onclick: () => { unfolded.add(key); body.classList.remove("folded"); more.remove(); } }, "See more");
  return [body, more];
}

function section(block, context) {
  const body = el("div", { class: "section-body" }, block.text ? textObject(block.text, context) : null,
    block.fields ? el("div", { class: "fields" }, block.fields.map((field) => el("div", { class: "field" }, textObject(field, context)))) : null);
  return [el("div", { class: "section-main" }, fold(body, block)), block.accessory ? el("div", { class: "accessory" }, element(block.accessory, context)) : null];
}

const KINDS = {
  header: (block) => el("h3", {}, plain(block.text.text)),
  section,
  divider: () => el("hr"),
  context: (block, context) => block.elements.map((item) => (item.type === "image" ? image(item) : textObject(item, context))),
  actions: (block, context) => block.elements.map((item) => element(item, context)),
  image: (block) => [block.title ? el("div", { class: "image-title" }, plain(block.title.text)) : null, image(block)],
  rich_text: (block, context) => rich(block.elements, context),
  markdown: (block, context) => mrkdwn(block.text, context),
  input: (block, context) => context.input(block, context),
  table, data_table: table, data_visualization: chart,
};

export function renderBlocks(blocks, context) {
  return blocks.map((block) => {
    const local = { ...context, block, chosen: (item) => context.chosen?.(block.block_id, item.action_id) };
    const inside = KINDS[block.type]?.(block, local) ?? el("em", { class: "unknown" }, `This page cannot show a “${block.type}” block.`);
    return el("div", { class: `block ${block.type}`, "data-block-id": block.block_id }, inside);
  });
}
